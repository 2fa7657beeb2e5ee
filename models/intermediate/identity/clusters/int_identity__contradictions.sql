{%- set comparisons = comparison_levels() -%}
{%- set born = ['cast(lefts.birth_date as ' ~ dbt.type_string() ~ ')', 'cast(rights.birth_date as ' ~ dbt.type_string() ~ ')'] -%}
{%- set scored = "case when match_rule not in ('known match', 'lead conversion') then " -%}

-- Records that hang together by what was compared, over any number of steps. What a person decided is not questioned.
{% set components = connected_components(ref('int_identity__links'), scored ~ 'left_record_id end', scored ~ 'right_record_id end') %}

with

components as (
    select
        node as record_id,
        component as component_id,
        count(*) over (partition by component) as record_count
    from {{ components }}
),

links as (
    select
        left_record_id,
        right_record_id,
        match_rule,
        valid_from,
        valid_to
    from {{ ref('int_identity__links') }}
),

-- Two records alone were judged by themselves; in a crowd no two are looked at that no rule paired.
chained as (
    select
        components.component_id,
        record_states.*
    from components
    inner join {{ ref('int_identity__record_states') }} as record_states
        on components.record_id = record_states.record_id
    where components.record_count between 3 and 300
),

rules as (
    select * from {{ ref('identity_contradictions') }}
    where splits_customers
),

compared as (
    select
        lefts.record_id as left_record_id,
        rights.record_id as right_record_id,
        lefts.state_number as left_state_number,
        rights.state_number as right_state_number,
        lefts.customer_kind,
        -- Two names, whoever of those that hang together bears them.
        lefts.component_id || '|' || least(lefts.first_name, rights.first_name) || '|' || greatest(lefts.first_name, rights.first_name) as two_names,
        lefts.name_suffix <> rights.name_suffix as is_other_bearer,
        greatest(lefts.valid_from, rights.valid_from) as valid_from,
        least(lefts.valid_to, rights.valid_to) as valid_to,
        {%- for comparison, levels in comparisons %}
        {{ level_of(levels) }} as {{ comparison }}_level,
        {%- endfor %}
        case when lefts.valid_from > rights.valid_from then lefts.source_system else rights.source_system end as caused_by_system,
        case when lefts.valid_from > rights.valid_from then lefts.delivery_id else rights.delivery_id end as caused_by_delivery_id
    from chained as lefts
    inner join chained as rights
        on lefts.component_id = rights.component_id
        and lefts.state_number < rights.state_number
        and lefts.record_id <> rights.record_id
        and lefts.customer_kind = rights.customer_kind
        and lefts.valid_from < rights.valid_to
        and lefts.valid_to > rights.valid_from
),

contradicted as (
    {{ contradicted_levels('compared', 'rules') }}
),

-- Two records that are linked by themselves stay it when one of them changes later.
linked as (
    select
        left_record_id,
        right_record_id,
        min(valid_from) as valid_from,
        max(case when match_rule in ('tax_number', 'loyalty_number', 'known match', 'lead conversion') then 1 else 0 end) as has_own_number
    from links
    group by
        left_record_id,
        right_record_id
),

apart as (
    select
        compared.left_record_id,
        compared.right_record_id,
        contradicted.contradiction_id,
        case
            when contradicted.contradiction_id in ('another_first_name', 'another_unlisted_name') then compared.two_names
            else compared.left_record_id || '|' || compared.right_record_id
        end as question,
        compared.is_other_bearer,
        compared.valid_from,
        compared.valid_to,
        compared.caused_by_system,
        compared.caused_by_delivery_id
    from compared
    inner join contradicted
        on {{ has_levels_of('compared', 'contradicted') }}
    left join linked
        on compared.left_record_id = linked.left_record_id
        and compared.right_record_id = linked.right_record_id
    where linked.left_record_id is null or linked.valid_from > compared.valid_from
),

-- What joins two records by a third although they contradict each other: what a person or a system says, and a record that matches both
-- and agrees with each of them in what the two contradict each other in, or has its tax number.
bonds as (
    select
        left_record_id,
        right_record_id,
        valid_from,
        true as is_decided,
        true as has_name,
        true as has_birth_date,
        true as has_number
    from links
    where match_rule in ('known match', 'lead conversion') and valid_to = cast('9999-12-31' as date)

    union all

    select
        left_record_id,
        right_record_id,
        valid_from,
        false as is_decided,
        first_name_level in ('exact', 'nickname', 'close', 'garbled', 'swapped') as has_name,
        birth_date_level in ('exact', 'close') as has_birth_date,
        tax_number_level in ('exact', 'close') as has_number
    from {{ ref('int_identity__scored_pairs') }}
    where outcome = 'match'
),

steps as (
    select
        left_record_id as record_id,
        right_record_id as other_record_id,
        valid_from,
        is_decided,
        has_name,
        has_birth_date,
        has_number
    from bonds

    union all

    select
        right_record_id as record_id,
        left_record_id as other_record_id,
        valid_from,
        is_decided,
        has_name,
        has_birth_date,
        has_number
    from bonds
),

-- Birth dates of which one is the other with a digit mistyped.
mistyped as (
    select
        lefts.record_id,
        rights.record_id as other_record_id,
        greatest(lefts.valid_from, rights.valid_from) as valid_from
    from chained as lefts
    inner join chained as rights
        on lefts.component_id = rights.component_id
        and lefts.record_id <> rights.record_id
        and lefts.valid_from < rights.valid_to
        and lefts.valid_to > rights.valid_from
    where {{ within_edits(born[0], born[1], 1) }}
),

joined as (
    select
        apart.question,
        apart.contradiction_id,
        greatest(first_steps.valid_from, second_steps.valid_from) as joined_on
    from apart
    inner join steps as first_steps
        on apart.left_record_id = first_steps.record_id
    inner join steps as second_steps
        on first_steps.other_record_id = second_steps.record_id
        and apart.right_record_id = second_steps.other_record_id
    where
        (first_steps.is_decided and second_steps.is_decided)
        or (
            apart.contradiction_id = 'another_first_name'
            and (first_steps.has_name or first_steps.has_number)
            and (second_steps.has_name or second_steps.has_number)
        )
        -- An equal birth date lifts what a name that is not known is in two records, and so in three.
        or (
            apart.contradiction_id = 'another_unlisted_name'
            and (first_steps.has_name or first_steps.has_number or first_steps.has_birth_date)
            and (second_steps.has_name or second_steps.has_number or second_steps.has_birth_date)
        )
        -- Father and son may both be near a birth date that is mistyped: the tax number has to say whose it is.
        or (
            apart.contradiction_id = 'generation'
            and (first_steps.has_number or second_steps.has_number)
            and (first_steps.has_birth_date or first_steps.has_number)
            and (second_steps.has_birth_date or second_steps.has_number)
        )

    union all

    -- Both are a digit away from the birth date of a third: two mistyped dates of one person, not a parent and a child.
    select
        apart.question,
        apart.contradiction_id,
        greatest(first_dates.valid_from, second_dates.valid_from) as joined_on
    from apart
    inner join mistyped as first_dates
        on apart.left_record_id = first_dates.record_id
    inner join mistyped as second_dates
        on first_dates.other_record_id = second_dates.record_id
        and apart.right_record_id = second_dates.other_record_id
    where apart.contradiction_id = 'generation' and apart.is_other_bearer is not true

    union all

    -- Two that match although their names differ: both are names of one person, also in the records that say less.
    select
        compared.two_names as question,
        case compared.first_name_level when 'different' then 'another_first_name' else 'another_unlisted_name' end as contradiction_id,
        links.valid_from as joined_on
    from compared
    inner join links
        on compared.left_record_id = links.left_record_id
        and compared.right_record_id = links.right_record_id
        and compared.valid_to > links.valid_from
    where compared.first_name_level in ('different', 'unlisted') and links.match_rule not in ('known match', 'lead conversion')
),

-- What is answered for two names is answered for all that bear them.
answered as (
    select
        question,
        contradiction_id,
        min(joined_on) as joined_on
    from joined
    group by
        question,
        contradiction_id
),

held_apart as (
    select
        apart.left_record_id,
        apart.right_record_id,
        apart.contradiction_id,
        apart.valid_from,
        least(apart.valid_to, coalesce(answered.joined_on, apart.valid_to)) as valid_to,
        apart.caused_by_system,
        apart.caused_by_delivery_id
    from apart
    left join answered
        on apart.question = answered.question
        and apart.contradiction_id = answered.contradiction_id
    where answered.joined_on is null or answered.joined_on > apart.valid_from
),

sides as (
    select
        left_record_id as record_id,
        right_record_id as opponent_id,
        valid_from,
        valid_to,
        caused_by_system,
        caused_by_delivery_id
    from held_apart

    union all

    select
        right_record_id as record_id,
        left_record_id as opponent_id,
        valid_from,
        valid_to,
        caused_by_system,
        caused_by_delivery_id
    from held_apart
),

-- A record without a given name that goes with two who contradict each other goes with neither, but with one whose number it has.
partners as (
    select
        left_record_id as record_id,
        right_record_id as partner_id,
        has_own_number
    from linked

    union all

    select
        right_record_id as record_id,
        left_record_id as partner_id,
        has_own_number
    from linked
),

nameless as (
    select
        chained.record_id,
        chained.valid_from,
        chained.valid_to,
        partners.partner_id,
        partners.has_own_number
    from chained
    inner join partners
        on chained.record_id = partners.record_id
    where chained.customer_kind = 'person' and chained.first_name is null
),

undecided as (
    select
        least(nameless.record_id, nameless.partner_id) as left_record_id,
        greatest(nameless.record_id, nameless.partner_id) as right_record_id,
        'no_first_name' as contradiction_id,
        greatest(nameless.valid_from, min(sides.valid_from)) as valid_from,
        least(nameless.valid_to, max(sides.valid_to)) as valid_to,
        min(sides.caused_by_system) as caused_by_system,
        min(sides.caused_by_delivery_id) as caused_by_delivery_id
    from nameless
    inner join sides
        on nameless.partner_id = sides.record_id
    inner join nameless as second_partners
        on nameless.record_id = second_partners.record_id
        and nameless.valid_from = second_partners.valid_from
        and sides.opponent_id = second_partners.partner_id
    where nameless.has_own_number = 0
    group by
        nameless.record_id,
        nameless.partner_id,
        nameless.valid_from,
        nameless.valid_to
    having greatest(nameless.valid_from, min(sides.valid_from)) < least(nameless.valid_to, max(sides.valid_to))
),

final as (
    select * from held_apart

    union all

    select * from undecided
)

select * from final

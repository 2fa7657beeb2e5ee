{%- set groups = survivorship_groups() -%}
{#- Offered as they stand in the record's version; which customer a parent is, depends on the day. -#}
{%- set plain_groups = groups.keys() | reject('equalto', 'parent_customer_id') | list -%}

with

record_values as (
    select * from {{ ref('int_identity__record_values') }}
),

source_trust as (
    select * from {{ ref('int_identity__source_trust') }}
),

memberships as (
    select * from {{ ref('int_identity__memberships') }}
),

records as (
    select
        record_id,
        record_age
    from {{ ref('int_identity__records') }}
),

named_parents as (
    select distinct parent_record_id
    from record_values
),

parents as (
    select
        memberships.record_id,
        memberships.customer_id,
        memberships.valid_from,
        memberships.valid_to
    from memberships
    inner join named_parents
        on memberships.record_id = named_parents.parent_record_id
),

members as (
    select
        memberships.customer_id,
        memberships.record_id,
        memberships.valid_from,
        memberships.valid_to,
        row_number() over (partition by memberships.customer_id order by records.record_age, memberships.valid_from) as age_position
    from memberships
    inner join records
        on memberships.record_id = records.record_id
),

held as (
    select
        members.customer_id,
        members.record_id,
        record_values.record_kind,
        greatest(members.valid_from, record_values.valid_from) as valid_from,
        least(members.valid_to, record_values.valid_to) as valid_to,
        -- A customer is named after its oldest record, so it exists as long as that one is with it.
        case when members.record_id = members.customer_id then members.valid_to end as named_until,
        members.age_position,
        record_values.parent_record_id,
        record_values.created_on,
        record_values.missing_count,
        record_values.parent_customer_id_since,
        source_trust.parent_customer_id_rule,
        source_trust.parent_customer_id_rank,
        {%- for group in plain_groups %}
        record_values.{{ groups[group] | join(',\n        record_values.') }},
        {{ survivorship_order(group, groups[group]) }} as {{ group }}_order,
        {%- endfor %}
        record_values.is_deleted
    from members
    inner join record_values
        on members.record_id = record_values.record_id
        and members.valid_from < record_values.valid_to
        and members.valid_to > record_values.valid_from
    inner join source_trust
        on record_values.source_system = source_trust.source_system
        and record_values.record_kind = source_trust.record_kind
),

days as (
    select
        customer_id,
        valid_from as changed_on
    from held

    union distinct

    -- A record that leaves takes its values along. On the last day of the customer itself nobody is left.
    select
        customer_id,
        valid_to as changed_on
    from held
    where valid_to < cast('9999-12-31' as date)

    union distinct

    select
        held.customer_id,
        parents.valid_from as changed_on
    from held
    inner join parents
        on held.parent_record_id = parents.record_id
        and held.valid_from < parents.valid_from
        and held.valid_to > parents.valid_from
),

held_on_days as (
    select
        days.customer_id,
        days.changed_on,
        max(held.named_until) as customer_valid_to,
        min(case when held.is_deleted then 1 else 0 end) = 1 as is_deleted,
        min(case when held.record_kind = 'lead' then 1 else 0 end) = 1 as is_prospect
    from days
    inner join held
        on days.customer_id = held.customer_id
        and days.changed_on >= held.valid_from
        and days.changed_on < held.valid_to
    group by
        days.customer_id,
        days.changed_on
),

periods as (
    select
        customer_id,
        changed_on,
        coalesce(
            lead(changed_on) over (partition by customer_id, customer_valid_to order by changed_on), customer_valid_to
        ) as changed_again_on,
        customer_valid_to,
        is_deleted,
        is_prospect
    from held_on_days
),

offered as (
    select
        held.*,
        periods.changed_on,
        periods.changed_again_on,
        periods.customer_valid_to,
        periods.is_deleted as is_customer_deleted,
        periods.is_prospect,
        -- Never its own parent, though two of its records may name each other.
        nullif(parents.customer_id, held.customer_id) as parent_customer_id
    from periods
    inner join held
        on periods.customer_id = held.customer_id
        and periods.changed_on >= held.valid_from
        and periods.changed_on < held.valid_to
    left join parents
        on held.parent_record_id = parents.record_id
        and periods.changed_on >= parents.valid_from
        and periods.changed_on < parents.valid_to
    -- A withdrawn record gives no value while a living one is there.
    where not held.is_deleted or periods.is_deleted
),

ordered as (
    select
        *,
        {{ survivorship_order('parent_customer_id', ['parent_customer_id']) }} as parent_customer_id_order,
        {{ oldest_first('created_on') }} as created_on_order
    from offered
),

final as (
    select
        customer_id,
        changed_on as valid_from,
        max(changed_again_on) as valid_to,
        max(customer_valid_to) as exists_until,
        bool_and(is_customer_deleted) as is_deleted,
        bool_and(is_prospect) as is_prospect,
        {%- for group, columns in groups.items() %}
        {{ surviving(columns, group ~ '_order') | indent(8) }},
        min_by(record_id, {{ group }}_order) as {{ group }}_record_id,
        {%- endfor %}
        min(created_on) as created_on,
        min_by(record_id, created_on_order) as created_on_record_id
    from ordered
    group by
        customer_id,
        changed_on
)

select * from final

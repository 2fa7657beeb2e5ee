with

record_states as (
    select * from {{ ref('int_identity__record_states') }}
),

kinds as (
    select distinct customer_kind from record_states
),

-- A rule for any kind of customer, once for each kind that there is.
rules as (
    select
        pairing_rules.rule_id,
        kinds.customer_kind,
        pairing_rules.field_1,
        pairing_rules.field_2,
        pairing_rules.field_3,
        pairing_rules.max_records,
        pairing_rules.verified_probability
    from {{ ref('identity_pairing_rules') }} as pairing_rules
    inner join kinds
        on pairing_rules.customer_kind in ('any', kinds.customer_kind)
),

valued as (
    select
        rules.rule_id,
        rules.max_records,
        -- A number whose check digit is wrong identifies nobody by itself.
        case
            when rules.field_1 <> 'tax_number' or record_states.has_wrong_tax_number is not true then rules.verified_probability
        end as verified_probability,
        record_states.customer_kind,
        record_states.record_id,
        record_states.state_number,
        record_states.valid_from,
        record_states.valid_to,
        record_states.revoked_on,
        rules.field_2,
        rules.field_3,
        {{ pairing_field('rules.field_1', 'record_states') }} as value_1,
        {{ pairing_field('rules.field_2', 'record_states') }} as value_2,
        {{ pairing_field('rules.field_3', 'record_states') }} as value_3
    from record_states
    inner join rules
        on record_states.customer_kind = rules.customer_kind
),

keyed as (
    select
        rule_id,
        max_records,
        verified_probability,
        customer_kind,
        record_id,
        state_number,
        valid_from,
        valid_to,
        revoked_on,
        -- Persons are paired with persons only, organisations with organisations.
        customer_kind || '|' || value_1 || coalesce('|' || value_2, '') || coalesce('|' || value_3, '') as pairing_key
    from valued
    where
        value_1 is not null
        and (field_2 is null or value_2 is not null)
        and (field_3 is null or value_3 is not null)
),

-- Values that at least two records share.
groups as (
    select
        rule_id,
        pairing_key,
        max(max_records) as max_records,
        count(*) as state_count
    from keyed
    group by
        rule_id,
        pairing_key
    having min(record_id) <> max(record_id)
),

holders as (
    select
        keyed.rule_id,
        keyed.pairing_key,
        keyed.record_id,
        groups.max_records,
        min(keyed.valid_from) as held_since
    from keyed
    inner join groups
        on keyed.rule_id = groups.rule_id
        and keyed.pairing_key = groups.pairing_key
        and keyed.max_records < groups.state_count
    group by
        keyed.rule_id,
        keyed.pairing_key,
        keyed.record_id,
        groups.max_records
),

ranked as (
    select
        *,
        row_number() over (partition by rule_id, pairing_key order by held_since) as holder_rank,
        count(*) over (partition by rule_id, pairing_key) as record_count
    from holders
),

too_large as (
    select
        rule_id,
        pairing_key,
        record_count,
        -- The day from which on the group is larger than the guard allows.
        held_since as dropped_since
    from ranked
    where holder_rank = max_records + 1
),

final as (
    select
        keyed.rule_id,
        keyed.pairing_key,
        keyed.record_id,
        keyed.state_number,
        keyed.valid_from,
        keyed.valid_to,
        keyed.revoked_on,
        keyed.verified_probability,
        keyed.max_records,
        too_large.record_count,
        too_large.dropped_since
    from keyed
    inner join groups
        on keyed.rule_id = groups.rule_id
        and keyed.pairing_key = groups.pairing_key
    left join too_large
        on keyed.rule_id = too_large.rule_id
        and keyed.pairing_key = too_large.pairing_key
)

select * from final

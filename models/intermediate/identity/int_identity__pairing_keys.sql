with

record_states as (
    select * from {{ ref('int_identity__record_states') }}
),

rules as (
    select * from {{ ref('identity_pairing_rules') }}
),

valued as (
    select
        rules.rule_id,
        rules.max_records,
        rules.verified_probability,
        record_states.customer_kind,
        record_states.record_id,
        record_states.state_id,
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
        on rules.customer_kind = 'any' or record_states.customer_kind = rules.customer_kind
),

keyed as (
    select
        rule_id,
        max_records,
        verified_probability,
        customer_kind,
        record_id,
        state_id,
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

holders as (
    select
        rule_id,
        pairing_key,
        record_id,
        max(max_records) as max_records,
        min(valid_from) as held_since
    from keyed
    group by
        rule_id,
        pairing_key,
        record_id
),

ranked as (
    select
        rule_id,
        pairing_key,
        max_records,
        held_since,
        row_number() over (partition by rule_id, pairing_key order by held_since) as holder_rank,
        count(*) over (partition by rule_id, pairing_key) as record_count
    from holders
),

groups as (
    select
        rule_id,
        pairing_key,
        max(record_count) as record_count,
        -- The day from which on the group is larger than the guard allows.
        min(case when holder_rank > max_records then held_since end) as dropped_since
    from ranked
    where record_count > 1
    group by
        rule_id,
        pairing_key
),

final as (
    select
        keyed.rule_id,
        keyed.pairing_key,
        keyed.record_id,
        keyed.state_id,
        keyed.valid_from,
        keyed.valid_to,
        keyed.revoked_on,
        keyed.verified_probability,
        keyed.max_records,
        groups.record_count,
        groups.dropped_since
    from keyed
    inner join groups
        on keyed.rule_id = groups.rule_id
        and keyed.pairing_key = groups.pairing_key
)

select * from final

with

states as (
    select
        record_id,
        state_number,
        customer_kind
    from {{ ref('int_identity__record_states') }}
    where valid_to = cast('9999-12-31' as date)
),

groups as (
    select
        states.customer_kind,
        pairing_keys.rule_id,
        pairing_keys.pairing_key,
        cast(count(*) as double) as record_count
    from {{ ref('int_identity__pairing_keys') }} as pairing_keys
    inner join states
        on pairing_keys.state_number = states.state_number
    where pairing_keys.dropped_since is null
    group by
        states.customer_kind,
        pairing_keys.rule_id,
        pairing_keys.pairing_key
),

-- A pair that agrees in more than one rule counts for each: so many are compared at most.
compared as (
    select
        customer_kind,
        sum(record_count * (record_count - 1) / 2) as pair_count
    from groups
    group by customer_kind
),

records as (
    select
        customer_kind,
        count(*) as record_count
    from states
    group by customer_kind
),

matches as (
    select
        customer_kind,
        count(*) as match_count,
        sum(case when rule_count = 1 then 1 else 0 end) as once_count,
        sum(case when rule_count = 2 then 1 else 0 end) as twice_count
    from {{ ref('int_identity__scored_pairs') }}
    where outcome = 'match' and valid_to = cast('9999-12-31' as date)
    group by customer_kind
),

-- Chao (1987): of what one rule alone found much was found by none. It is the least that was missed.
missed as (
    select
        *,
        cast(once_count as double) * (once_count - 1) / (2 * (twice_count + 1)) as missed_count
    from matches
),

final as (
    select
        records.customer_kind,
        cast(records.record_count as bigint) as record_count,
        cast(coalesce(compared.pair_count, 0) as bigint) as compared_pair_count,
        cast(coalesce(missed.match_count, 0) as bigint) as match_count,
        cast(coalesce(missed.once_count, 0) as bigint) as once_found_count,
        missed.match_count / nullif(missed.match_count + missed.missed_count, 0) as pair_completeness,
        greatest(
            1 - coalesce(compared.pair_count, 0) / nullif(cast(records.record_count as double) * (records.record_count - 1) / 2, 0), 0
        ) as reduction_ratio
    from records
    left join compared
        on records.customer_kind = compared.customer_kind
    left join missed
        on records.customer_kind = missed.customer_kind
)

select * from final

with

pairing_keys as (
    select
        *,
        coalesce(dropped_since, cast('9999-12-31' as date)) as paired_until
    from {{ ref('int_identity__pairing_keys') }}
    -- The guard keeps later records from being paired; what it let through before stays.
    where dropped_since is null or valid_from < dropped_since
),

paired as (
    select
        lefts.record_id as left_record_id,
        rights.record_id as right_record_id,
        lefts.state_id as left_state_id,
        rights.state_id as right_state_id,
        greatest(lefts.valid_from, rights.valid_from) as valid_from,
        least(lefts.valid_to, rights.valid_to) as valid_to,
        least(lefts.revoked_on, rights.revoked_on) as revoked_on,
        lefts.verified_probability,
        case when lefts.verified_probability is not null then lefts.rule_id end as verified_rule_id
    from pairing_keys as lefts
    inner join pairing_keys as rights
        on lefts.rule_id = rights.rule_id
        and lefts.pairing_key = rights.pairing_key
        and lefts.record_id < rights.record_id
        and lefts.valid_from < rights.valid_to
        and lefts.valid_to > rights.valid_from
        and lefts.valid_from < lefts.paired_until
        and lefts.paired_until > rights.valid_from
),

final as (
    select
        left_record_id,
        right_record_id,
        left_state_id,
        right_state_id,
        min(valid_from) as valid_from,
        max(valid_to) as valid_to,
        max(revoked_on) as revoked_on,
        max(verified_probability) as verified_probability,
        min(verified_rule_id) as verified_rule_id
    from paired
    group by
        left_record_id,
        right_record_id,
        left_state_id,
        right_state_id
)

select * from final

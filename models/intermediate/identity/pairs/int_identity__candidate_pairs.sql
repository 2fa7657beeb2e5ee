with

-- Each side of a pair is read by itself: what is read twice the engines would copy first.
{% for side in ['left', 'right'] -%}
-- The guard keeps later records from being paired; what it let through before stays.
{{ side }}_keys as (
    select
        rule_id,
        pairing_key,
        record_id,
        state_number,
        valid_from,
        valid_to,
        revoked_on,
        verified_probability,
        coalesce(dropped_since, cast('9999-12-31' as date)) as paired_until
    from {{ ref('int_identity__pairing_keys') }}
    where valid_from < coalesce(dropped_since, cast('9999-12-31' as date))
),

{% endfor -%}
paired as (
    select
        lefts.state_number as left_state_number,
        rights.state_number as right_state_number,
        greatest(lefts.valid_from, rights.valid_from) as valid_from,
        least(lefts.valid_to, rights.valid_to) as valid_to,
        least(lefts.revoked_on, rights.revoked_on) as revoked_on,
        case when rights.verified_probability is not null then lefts.verified_probability end as verified_probability,
        case when lefts.verified_probability is not null and rights.verified_probability is not null then lefts.rule_id end as verified_rule_id
    from left_keys as lefts
    inner join right_keys as rights
        on lefts.rule_id = rights.rule_id
        and lefts.pairing_key = rights.pairing_key
        -- States are numbered by record, so the left one's record is the smaller one.
        and lefts.state_number < rights.state_number
        and lefts.record_id <> rights.record_id
        and lefts.valid_from < rights.valid_to
        and lefts.valid_to > rights.valid_from
        and lefts.valid_from < lefts.paired_until
        and lefts.paired_until > rights.valid_from
),

-- Two states share a rule once.
final as (
    select
        left_state_number,
        right_state_number,
        min(valid_from) as valid_from,
        max(valid_to) as valid_to,
        max(revoked_on) as revoked_on,
        max(verified_probability) as verified_probability,
        min(verified_rule_id) as verified_rule_id,
        count(*) as rule_count
    from paired
    group by
        left_state_number,
        right_state_number
)

select * from final

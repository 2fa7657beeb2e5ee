{%- set comparisons = comparison_levels() -%}

with

pairing_keys as (
    select
        *,
        coalesce(dropped_since, cast('9999-12-31' as date)) as paired_until
    from {{ ref('int_identity__pairing_keys') }}
),

record_states as (
    select * from {{ ref('int_identity__record_states') }}
),

level_weights as (
    select
        customer_kind,
        comparison,
        level,
        -- Fellegi and Sunter (1969): the weight of a level is log2(m/u).
        ln(cast(m_probability as double) / nullif(cast(u_probability as double), 0)) / ln(cast(2 as double)) as weight
    from {{ ref('identity_weights') }}
),

thresholds as (
    select
        max(case when threshold = 'match_probability' then cast(value as double) end) as match_probability,
        max(case when threshold = 'possible_probability' then cast(value as double) end) as possible_probability,
        max(case when threshold = 'expected_matches_per_record' then cast(value as double) end) as expected_matches_per_record,
        max(case when threshold = 'minimum_record_count' then cast(value as double) end) as minimum_record_count
    from {{ ref('identity_thresholds') }}
),

weights as (
    select
        level_weights.customer_kind,
        {%- for comparison, level in comparison_level_names() %}
        coalesce(
            max(case when level_weights.comparison = '{{ comparison }}' and level_weights.level = '{{ level }}' then level_weights.weight end), 0
        ) as {{ comparison }}_{{ level }},
        {%- endfor %}
        max(thresholds.match_probability) as match_threshold,
        max(thresholds.possible_probability) as possible_threshold,
        max(thresholds.expected_matches_per_record) as expected_matches_per_record,
        max(thresholds.minimum_record_count) as minimum_record_count
    from level_weights
    cross join thresholds
    group by level_weights.customer_kind
),

contradictions as (
    select * from {{ ref('identity_contradictions') }}
),

-- The guard keeps later records from being paired; what it let through before stays.
keys_in_use as (
    select * from pairing_keys
    where valid_from < paired_until
),

paired as (
    select
        lefts.state_number as left_state_number,
        rights.state_number as right_state_number,
        greatest(lefts.valid_from, rights.valid_from) as valid_from,
        least(lefts.valid_to, rights.valid_to) as valid_to,
        least(lefts.revoked_on, rights.revoked_on) as revoked_on,
        lefts.verified_probability,
        case when lefts.verified_probability is not null then lefts.rule_id end as verified_rule_id
    from keys_in_use as lefts
    inner join keys_in_use as rights
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

candidate_pairs as (
    select
        left_state_number,
        right_state_number,
        min(valid_from) as valid_from,
        max(valid_to) as valid_to,
        max(revoked_on) as revoked_on,
        max(verified_probability) as verified_probability,
        min(verified_rule_id) as verified_rule_id
    from paired
    group by
        left_state_number,
        right_state_number
),

compared as (
    select
        lefts.record_id as left_record_id,
        rights.record_id as right_record_id,
        candidate_pairs.left_state_number,
        candidate_pairs.right_state_number,
        candidate_pairs.valid_from,
        candidate_pairs.valid_to,
        candidate_pairs.revoked_on,
        candidate_pairs.verified_probability,
        candidate_pairs.verified_rule_id,
        lefts.customer_kind,
        {%- for comparison, levels in comparisons %}
        -- Most fields of most pairs are empty on one side: that is asked first.
        case
            when not ({{ levels[-1][1] }}) then 'missing'
            {%- for level, condition in levels[:-1] %}
            when {{ condition }} then '{{ level }}'
            {%- endfor %}
            else '{{ levels[-1][0] }}'
        end as {{ comparison }}_level,
        {%- endfor %}
        -- The delivery that made the pair comparable: that of the younger state.
        case when lefts.valid_from > rights.valid_from then lefts.source_system else rights.source_system end as caused_by_system,
        case when lefts.valid_from > rights.valid_from then lefts.delivery_id else rights.delivery_id end as caused_by_delivery_id
    from candidate_pairs
    inner join record_states as lefts
        on candidate_pairs.left_state_number = lefts.state_number
    inner join record_states as rights
        on candidate_pairs.right_state_number = rights.state_number
),

-- How likely two records drawn at random are one customer depends on how many there are. A pair is judged by the number
-- on the day on which it could first be compared, so that later deliveries never change an old judgement.
counted_days as (
    select
        first_seen_on as known_on,
        count(*) as record_count
    from {{ ref('int_identity__records') }}
    group by first_seen_on

    union all

    select distinct
        valid_from as known_on,
        0 as record_count
    from pairing_keys
),

known_records as (
    select
        known_on,
        sum(sum(record_count)) over (order by known_on) as record_count
    from counted_days
    group by known_on
),

weighed as (
    select
        compared.*,
        weights.match_threshold,
        weights.possible_threshold,
        ln(
            weights.expected_matches_per_record / greatest(cast(known_records.record_count as double), weights.minimum_record_count)
        ) / ln(cast(2 as double))
        {%- for comparison, levels in comparisons %}
        + case compared.{{ comparison }}_level
            {%- for level, condition in levels %}
            when '{{ level }}' then weights.{{ comparison }}_{{ level }}
            {%- endfor %}
            else 0
        end
        {%- endfor %} as weight
    from compared
    inner join weights
        on compared.customer_kind = weights.customer_kind
    inner join known_records
        on compared.valid_from = known_records.known_on
),

assessed as (
    select
        *,
        -- 2^w / (1 + 2^w), without an overflow for strong evidence.
        case
            when weight > 60 then cast(1 as double)
            when weight < -60 then cast(0 as double)
            else round(1 / (1 + power(cast(2 as double), -weight)), 9)
        end as evidence_probability
    from weighed
),

-- What is less than possible is no match, and by far the most; it is not kept.
judged as (
    select
        *,
        greatest(evidence_probability, coalesce(cast(verified_probability as double), 0)) as probability
    from assessed
    where greatest(evidence_probability, coalesce(cast(verified_probability as double), 0)) >= possible_threshold
),

contradicted as (
    select distinct
        judged.left_state_number,
        judged.right_state_number,
        contradictions.contradiction_id
    from judged
    inner join contradictions
        on judged.customer_kind = contradictions.customer_kind
        and contradictions.level = case contradictions.comparison
            {%- for comparison, levels in comparisons %}
            when '{{ comparison }}' then judged.{{ comparison }}_level
            {%- endfor %}
        end
    where
        (
            contradictions.and_comparison is null
            or contradictions.and_level = case contradictions.and_comparison
                {%- for comparison, levels in comparisons %}
                when '{{ comparison }}' then judged.{{ comparison }}_level
                {%- endfor %}
            end
        )
        {%- for comparison, levels in comparisons %}
        and not (judged.{{ comparison }}_level = 'exact' and ' ' || contradictions.unless_exact || ' ' like '% {{ comparison }} %')
        {%- endfor %}
),

first_contradictions as (
    select
        left_state_number,
        right_state_number,
        min(contradiction_id) as contradiction_id
    from contradicted
    group by
        left_state_number,
        right_state_number
),

final as (
    select
        judged.left_record_id,
        judged.right_record_id,
        judged.left_state_number,
        judged.right_state_number,
        judged.customer_kind,
        judged.valid_from,
        judged.valid_to,
        judged.revoked_on,
        {%- for comparison, levels in comparisons %}
        judged.{{ comparison }}_level,
        {%- endfor %}
        round(judged.weight, 6) as weight,
        judged.probability,
        case
            when judged.probability >= judged.match_threshold and first_contradictions.contradiction_id is null then 'match'
            else 'possible'
        end as outcome,
        coalesce(judged.verified_rule_id, 'scored') as match_rule,
        first_contradictions.contradiction_id,
        judged.caused_by_system,
        judged.caused_by_delivery_id
    from judged
    left join first_contradictions
        on judged.left_state_number = first_contradictions.left_state_number
        and judged.right_state_number = first_contradictions.right_state_number
)

select * from final

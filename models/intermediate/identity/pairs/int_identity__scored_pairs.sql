{%- set comparisons = comparison_levels() -%}

with

compared_pairs as (
    select * from {{ ref('int_identity__compared_pairs') }}
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

weights as (
    select
        customer_kind,
        {%- for comparison, level in comparison_level_names() %}
        coalesce(max(case when comparison = '{{ comparison }}' and level = '{{ level }}' then weight end), 0) as {{ comparison }}_{{ level }},
        {%- endfor %}
        count(*) as level_count
    from level_weights
    group by customer_kind
),

thresholds as (
    select
        max(case when threshold = 'match_probability' then cast(value as double) end) as match_probability,
        max(case when threshold = 'possible_probability' then cast(value as double) end) as possible_probability,
        max(case when threshold = 'expected_matches_per_record' then cast(value as double) end) as expected_matches_per_record,
        max(case when threshold = 'minimum_record_count' then cast(value as double) end) as minimum_record_count
    from {{ ref('identity_thresholds') }}
),

first_deliveries as (
    select
        first_seen_on,
        count(*) as record_count
    from {{ ref('int_identity__records') }}
    group by first_seen_on
),

delivery_days as (
    select distinct valid_from
    from {{ ref('int_identity__candidate_pairs') }}
),

-- How likely two records drawn at random are one customer depends on how many there are. A pair is judged by the number
-- on the day on which it could first be compared, so that later deliveries never change an old judgement.
known_records as (
    select
        delivery_days.valid_from,
        sum(first_deliveries.record_count) as record_count
    from delivery_days
    inner join first_deliveries
        on delivery_days.valid_from >= first_deliveries.first_seen_on
    group by delivery_days.valid_from
),

weighed as (
    select
        compared_pairs.*,
        thresholds.match_probability as match_threshold,
        thresholds.possible_probability as possible_threshold,
        ln(
            thresholds.expected_matches_per_record / greatest(cast(known_records.record_count as double), thresholds.minimum_record_count)
        ) / ln(cast(2 as double))
        {%- for comparison, levels in comparisons %}
        + case compared_pairs.{{ comparison }}_level
            {%- for level, condition in levels %}
            when '{{ level }}' then weights.{{ comparison }}_{{ level }}
            {%- endfor %}
            else 0
        end
        {%- endfor %} as weight
    from compared_pairs
    inner join weights
        on compared_pairs.customer_kind = weights.customer_kind
    inner join known_records
        on compared_pairs.valid_from = known_records.valid_from
    cross join thresholds
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

contradictions as (
    select * from {{ ref('identity_contradictions') }}
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

{%- set comparisons = comparison_levels() -%}
{#- What is rare says more: the u of these levels is the frequency of the value, of a mistyped family name that of its sound. -#}
{%- set by_frequency = [
    ('first_name', 'exact', 'first_name'), ('last_name', 'exact', 'last_name'), ('last_name', 'close', 'last_name_sound'), ('birth_date', 'exact', 'birth_date'),
    ('place', 'exact', 'postal_code'), ('place', 'area', 'postal_area'), ('place', 'city', 'city'),
] -%}
{#- Of these a mistyped value is equal too; it weighs as any does. -#}
{%- set may_differ = ['last_name_sound', 'city'] -%}
{%- set shared_by = shared_comparisons() -%}

with

candidate_pairs as (
    select * from {{ ref('int_identity__candidate_pairs') }}
),

-- Each side of a pair is read by itself: what is read twice the engines would copy first.
{% for side in ['left', 'right'] -%}
{{ side }}_states as (
    select * from {{ ref('int_identity__record_states') }}
),

{% endfor -%}
level_weights as (
    select
        customer_kind,
        comparison,
        level,
        cast(u_probability as double) as u_probability,
        -- Fellegi and Sunter (1969): the weight of a level is log2(m/u).
        ln(cast(m_probability as double) / nullif(cast(u_probability as double), 0)) / ln(cast(2 as double)) as weight
    from {{ ref('identity_weights') }}
),

thresholds as (
    select
        kinds.customer_kind,
        {{ threshold_of('match_probability', 'kinds.customer_kind') }} as match_probability,
        {{ threshold_of('possible_probability', 'kinds.customer_kind') }} as possible_probability,
        {{ threshold_of('expected_matches_per_record', 'kinds.customer_kind') }} as expected_matches_per_record,
        {{ threshold_of('minimum_record_count', 'kinds.customer_kind') }} as minimum_record_count,
        -- Rules of one's own may lack what came later: then it changes nothing.
        coalesce({{ threshold_of('shared_probability', 'kinds.customer_kind') }}, 0.999999999) as shared_probability,
        coalesce({{ threshold_of('contradiction_bits', 'kinds.customer_kind') }}, 0) as contradiction_bits,
        coalesce({{ threshold_of('own_records', 'kinds.customer_kind') }}, 1) as own_records,
        coalesce({{ threshold_of('frequency_records', 'kinds.customer_kind') }}, 1000000000000) as frequency_records
    from (select distinct customer_kind from level_weights) as kinds
    cross join {{ ref('identity_thresholds') }} as identity_thresholds
    group by kinds.customer_kind
),

weights as (
    select
        level_weights.customer_kind,
        {%- for comparison, level in comparison_level_names() %}
        coalesce(
            max(case when level_weights.comparison = '{{ comparison }}' and level_weights.level = '{{ level }}' then level_weights.weight end), 0
        ) as {{ comparison }}_{{ level }},
        {%- endfor %}
        {%- for comparison, level, field in by_frequency %}
        max(case when level_weights.comparison = '{{ comparison }}' and level_weights.level = '{{ level }}' then level_weights.u_probability end)
            as {{ comparison }}_{{ level }}_u,
        {%- endfor %}
        max(thresholds.match_probability) as match_threshold,
        max(thresholds.possible_probability) as possible_threshold,
        max(thresholds.expected_matches_per_record) as expected_matches_per_record,
        max(thresholds.minimum_record_count) as minimum_record_count,
        ln(max(thresholds.shared_probability) / (1 - max(thresholds.shared_probability))) / ln(cast(2 as double)) as most_shared_weight,
        max(thresholds.contradiction_bits) as contradiction_bits,
        max(thresholds.own_records) as own_records,
        max(thresholds.frequency_records) as frequency_records
    from level_weights
    inner join thresholds
        on level_weights.customer_kind = thresholds.customer_kind
    group by level_weights.customer_kind
),

-- That a given name is missing contradicts where a house may hold several persons of one name: not where what a house shares is a match by itself.
contradictions as (
    select rules.*
    from {{ ref('identity_contradictions') }} as rules
    inner join thresholds
        on rules.customer_kind = thresholds.customer_kind
    where not (rules.comparison = 'first_name' and rules.level = 'missing' and thresholds.shared_probability >= thresholds.match_probability)
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
        candidate_pairs.rule_count,
        lefts.customer_kind,
        {%- for comparison, levels in comparisons %}
        {{ level_of(levels) }} as {{ comparison }}_level,
        {%- endfor %}
        {%- for comparison, level, field in by_frequency %}
        cast(
            case
                {%- if field in may_differ %}
                when coalesce(lefts.{{ field }} <> rights.{{ field }}, true) then null
                {%- endif %}
                when lefts.valid_from > rights.valid_from then lefts.{{ field }}_holders
                else rights.{{ field }}_holders
            end as double
        ) as {{ field }}_holders,
        {%- endfor %}
        -- The delivery that made the pair comparable: that of the younger state.
        case when lefts.valid_from > rights.valid_from then lefts.source_system else rights.source_system end as caused_by_system,
        case when lefts.valid_from > rights.valid_from then lefts.delivery_id else rights.delivery_id end as caused_by_delivery_id,
        {{ computed_once() }} as is_compared
    from candidate_pairs
    inner join left_states as lefts
        on candidate_pairs.left_state_number = lefts.state_number
    inner join right_states as rights
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
    from candidate_pairs
),

known_records as (
    select
        known_on,
        sum(sum(record_count)) over (order by known_on) as record_count
    from counted_days
    group by known_on
),

-- In one small table: joined one after the other, an engine that expects nothing of the first join holds all pairs in memory for the second.
day_weights as (
    select
        weights.*,
        known_records.known_on,
        known_records.record_count
    from weights
    cross join known_records
),

-- A name alone, however rare, and a town are no person: the name gains one bit at most where nothing else agrees.
supported as (
    select
        *,
        {%- for comparison in ['birth_date', 'email', 'phone', 'address', 'place'] %}
        {{ 'or ' if not loop.first }}{{ comparison }}_level in ('exact', 'close')
        {%- endfor %} as has_more_than_name
    from compared
    where is_compared
),

evidence as (
    select
        supported.*,
        {%- for comparison, levels in comparisons %}
        case supported.{{ comparison }}_level
            {%- for level, condition in levels %}
            {%- set counted = by_frequency | selectattr(0, 'equalto', comparison) | selectattr(1, 'equalto', level) | map(attribute=2) | first %}
            {%- if counted %}
            -- The weight counts the value as often as others hold it, and before many records are known as often as any; nothing is held
            -- by fewer than one. Agreement in what everybody has says nothing; it is not evidence against.
            {%- set is_name = comparison in ['first_name', 'last_name'] %}
            {%- set unknown = 'weights.own_records + weights.' ~ comparison ~ '_' ~ level ~ '_u * weights.record_count' if counted in may_differ else 0 %}
            when '{{ level }}'
                then greatest(weights.{{ comparison }}_{{ level }} + {{ 'least(' if is_name }}ln(
                        weights.{{ comparison }}_{{ level }}_u / greatest(
                            (
                                greatest(coalesce(supported.{{ counted }}_holders, {{ unknown }}) - weights.own_records, 0)
                                + weights.frequency_records * weights.{{ comparison }}_{{ level }}_u
                            ) / (weights.record_count + weights.frequency_records),
                            least(weights.{{ comparison }}_{{ level }}_u, 1 / cast(weights.record_count as double))
                        )
                    ) / ln(cast(2 as double)){% if is_name %},
                    -- A town of which fewer are than of most is more than a name.
                    case
                        when
                            supported.has_more_than_name
                            or (
                                supported.place_level = 'city'
                                and supported.city_holders - weights.own_records
                                <= weights.place_city_u * (weights.record_count + weights.frequency_records)
                            )
                            or (
                                supported.place_level = 'area'
                                and supported.postal_area_holders - weights.own_records
                                <= weights.place_area_u * (weights.record_count + weights.frequency_records)
                            )
                            then 1000
                        else 1
                    end){% endif %}, 0)
            {%- else %}
            when '{{ level }}' then weights.{{ comparison }}_{{ level }}
            {%- endif %}
            {%- endfor %}
            else 0
        end as {{ comparison }}_weight,
        {%- endfor %}
        weights.match_threshold,
        weights.possible_threshold,
        weights.most_shared_weight,
        weights.contradiction_bits,
        ln(
            weights.expected_matches_per_record / greatest(cast(weights.record_count as double), weights.minimum_record_count)
        ) / ln(cast(2 as double)) as prior_weight
    from supported
    inner join day_weights as weights
        on supported.customer_kind = weights.customer_kind
        and supported.valid_from = weights.known_on
),

weighed as (
    select
        *,
        -- Everybody of a household agrees in what it shares: all of it together says no more than that the two may well be one.
        case customer_kind
            {%- for kind, names in shared_by.items() %}
            when '{{ kind }}'
                then
                    least(
                        prior_weight
                        {%- for name in names %}
                        + {{ name }}_weight
                        {%- endfor %},
                        most_shared_weight
                    )
                    {%- for comparison, levels in comparisons if comparison not in names %}
                    + {{ comparison }}_weight
                    {%- endfor %}
            {%- endfor %}
        end as weight
    from evidence
),

assessed as (
    select
        *,
        {{ probability_of('weight') }} as evidence_probability,
        {{ probability_of('weight - contradiction_bits') }} as contradicted_probability,
        {{ computed_once() }} as is_computed
    from weighed
),

-- What is less than possible is no match, and by far the most; it is not kept.
judged as (
    select
        left_record_id,
        right_record_id,
        left_state_number,
        right_state_number,
        valid_from,
        valid_to,
        revoked_on,
        caused_by_system,
        caused_by_delivery_id,
        verified_probability,
        verified_rule_id,
        rule_count,
        customer_kind,
        {%- for comparison, levels in comparisons %}
        {{ comparison }}_level,
        {%- endfor %}
        weight,
        evidence_probability,
        contradicted_probability,
        match_threshold,
        possible_threshold
    from assessed
    where is_computed
        and greatest(evidence_probability, coalesce(cast(verified_probability as double), 0)) >= possible_threshold
),

contradicted as (
    {{ contradicted_levels('judged', 'contradictions') }}
),

decided as (
    select
        judged.*,
        contradicted.contradiction_id,
        greatest(
            case when contradicted.contradiction_id is null then judged.evidence_probability else judged.contradicted_probability end,
            coalesce(cast(judged.verified_probability as double), 0)
        ) as probability
    from judged
    left join contradicted
        on {{ has_levels_of('judged', 'contradicted') }}
),

final as (
    select
        decided.left_record_id,
        decided.right_record_id,
        decided.left_state_number,
        decided.right_state_number,
        decided.customer_kind,
        decided.valid_from,
        decided.valid_to,
        decided.revoked_on,
        {%- for comparison, levels in comparisons %}
        decided.{{ comparison }}_level,
        {%- endfor %}
        round(decided.weight, 6) as weight,
        decided.probability,
        case
            when decided.probability >= decided.match_threshold and decided.contradiction_id is null then 'match'
            else 'possible'
        end as outcome,
        coalesce(decided.verified_rule_id, 'scored') as match_rule,
        cast(decided.rule_count as bigint) as rule_count,
        decided.contradiction_id,
        decided.caused_by_system,
        decided.caused_by_delivery_id
    from decided
    where decided.probability >= decided.possible_threshold
)

select * from final

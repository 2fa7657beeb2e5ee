{#- Segment of a customer that may have none: a customer that has never ordered has no order yet, the unattributed member is no customer. -#}
{% macro stamped_segment(is_unattributed, segment_id) -%}
    case when {{ is_unattributed }} then 'none' else coalesce({{ segment_id }}, 'no_order_yet') end
{%- endmacro %}


{#- Profit tier of a customer that may have none: without a transaction in the last twelve months it is inactive. -#}
{% macro stamped_tier(is_unattributed, profit_tier) -%}
    case when {{ is_unattributed }} then 'none' else coalesce({{ profit_tier }}, 'inactive') end
{%- endmacro %}


{#- Score from 1 to 5 of a measure, by the bounds of the seed rfm_thresholds.

    value: expression of the measure.
    bounds: alias of a relation with the bounds as columns `<measure>_2` to `<measure>_5`.
    measure: recency_days (a score holds up to its bound), order_count or net_revenue_amount (it holds from its bound on). -#}
{% macro rfm_score(value, bounds, measure) -%}
    case
        {%- for score in [5, 4, 3, 2] %}
        when {{ value }} {{ '<=' if measure == 'recency_days' else '>=' }} {{ bounds }}.{{ measure }}_{{ score }} then {{ score }}
        {%- endfor %}
        else 1
    end
{%- endmacro %}


{#- Whether a value is in a list of a seed: words with a blank between them, or the word any. -#}
{% macro is_listed(value, list) -%}
    ({{ list }} = 'any' or instr(' ' || {{ list }} || ' ', ' ' || {{ value }} || ' ') > 0)
{%- endmacro %}

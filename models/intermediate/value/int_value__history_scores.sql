{%- set keys = ['basis', 'asked_model', 'fitted_segment', 'purchase_count', 'recency', 'age'] -%}
{%- set window_weeks = "coalesce((select max(window_days) / 7e0 from " ~ ref('int_value__bases') ~ " where basis = 'hold_out'), " ~ 365.25 / 7 ~ ')' -%}
{%- set horizons = dict(value_horizons(), window=window_weeks) -%}

with

histories as (
    select * from {{ ref('int_value__scored_histories') }}
),

bg_nbd_histories as (
    select * from histories
    where model = 'bg_nbd'
),

pareto_nbd_histories as (
    select * from histories
    where model = 'pareto_nbd'
),

bg_nbd_scored as (
    {{ bg_nbd_scores('bg_nbd_histories', keys + ['point'], horizons) }}
),

pareto_nbd_scored as (
    {{ pareto_nbd_scores('pareto_nbd_histories', keys + ['point'], horizons) }}
),

scored as (
    select * from bg_nbd_scored

    union all

    select * from pareto_nbd_scored

    union all

    -- Where no model could be fitted, all customers go on at one rate.
    select
        basis,
        asked_model,
        fitted_segment,
        purchase_count,
        recency,
        age,
        point,
        cast(null as double) as probability_alive,
        rate * {{ horizons['12m'] }} as expected_purchases_12m,
        rate * {{ horizons['24m'] }} as expected_purchases_24m,
        rate * {{ horizons['36m'] }} as expected_purchases_36m,
        rate * {{ horizons['window'] }} as expected_purchases_window
    from histories
    where model = 'mean_rate'
),

paired as (
    select
        basis,
        asked_model,
        fitted_segment,
        purchase_count,
        recency,
        age,
        {%- for name in horizons %}
        max(case when point = 0 then expected_purchases_{{ name }} end) as expected_purchases_{{ name }},
        sum(case when point > 0 then expected_purchases_{{ name }} when point < 0 then -expected_purchases_{{ name }} else 0 end) / 2
            as half_difference_{{ name }},
        {%- endfor %}
        max(case when point = 0 then probability_alive end) as probability_alive
    from scored
    group by
        basis,
        asked_model,
        fitted_segment,
        purchase_count,
        recency,
        age,
        abs(point)
),

-- Ten decimals are more than any model knows, and the same on every engine.
final as (
    select
        basis,
        asked_model,
        fitted_segment,
        purchase_count,
        recency,
        age,
        {%- for name in horizons %}
        round(max(expected_purchases_{{ name }}), 10) as expected_purchases_{{ name }},
        round(sum(half_difference_{{ name }} * half_difference_{{ name }}), 10) as parameter_variance_{{ name }},
        {%- endfor %}
        round(max(probability_alive), 10) as probability_alive
    from paired
    group by
        basis,
        asked_model,
        fitted_segment,
        purchase_count,
        recency,
        age
)

select * from final

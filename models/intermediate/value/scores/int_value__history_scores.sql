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
        sum(case when point > 0 then expected_purchases_{{ name }} else -expected_purchases_{{ name }} end) / 2 as half_difference_{{ name }},
        {%- endfor %}
        abs(point) as pair
    from scored
    where point <> 0
    group by
        basis,
        asked_model,
        fitted_segment,
        purchase_count,
        recency,
        age,
        abs(point)
),

uncertain as (
    select
        basis,
        asked_model,
        fitted_segment,
        purchase_count,
        recency,
        {%- for name in horizons %}
        sum(half_difference_{{ name }} * half_difference_{{ name }}) as parameter_variance_{{ name }},
        {%- endfor %}
        age
    from paired
    group by
        basis,
        asked_model,
        fitted_segment,
        purchase_count,
        recency,
        age
),

-- Ten decimals are more than any model knows, and the same on every engine.
final as (
    select
        scored.basis,
        scored.asked_model,
        scored.fitted_segment,
        scored.purchase_count,
        scored.recency,
        scored.age,
        {%- for name in horizons %}
        round(scored.expected_purchases_{{ name }}, 10) as expected_purchases_{{ name }},
        round(coalesce(uncertain.parameter_variance_{{ name }}, 0e0), 10) as parameter_variance_{{ name }},
        {%- endfor %}
        round(scored.probability_alive, 10) as probability_alive
    from scored
    left join uncertain
        on scored.basis = uncertain.basis
        and scored.asked_model = uncertain.asked_model
        and scored.fitted_segment = uncertain.fitted_segment
        and scored.purchase_count = uncertain.purchase_count
        and cast(floor(scored.recency) as double) = uncertain.recency
        and cast(floor(scored.age) as double) = uncertain.age
    where scored.point = 0
)

select * from final

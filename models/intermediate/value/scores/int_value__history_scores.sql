{%- set keys = ['basis', 'asked_model', 'fitted_segment', 'purchase_count', 'recency', 'age', 'point'] -%}
{%- set window_weeks = "coalesce((select max(window_days) / 7e0 from " ~ ref('int_value__bases') ~ " where basis = 'hold_out'), " ~ 365.25 / 7 ~ ')' -%}
{%- set horizons = dict(value_horizons(), window=window_weeks) -%}
{#- How sure the parameters are is asked for the whole horizon and for the window alone. -#}
{%- set uncertain_horizons = ['36m', 'window'] -%}
{%- set history = keys[:-1] | join(', ') -%}

with

statistics as (
    select distinct
        basis,
        value_segment,
        purchase_count,
        recency,
        age
    from {{ ref('int_value__purchase_statistics') }}
),

fits as (
    select * from {{ ref('int_value__fitted_models') }}
    where
        asked_model in ('bg_nbd', 'pareto_nbd')
        -- What has changed since the last month is told without its uncertainty.
        and (point = 0 or basis <> 'previous')
),

asked as (
    select distinct
        basis,
        asked_model
    from fits
),

-- A segment that is too small for models of its own takes those of all customers.
placed as (
    select distinct
        statistics.basis,
        asked.asked_model,
        coalesce(own_fits.value_segment, 'all') as fitted_segment,
        statistics.purchase_count,
        statistics.recency,
        statistics.age
    from statistics
    inner join asked
        on statistics.basis = asked.basis
    left join fits as own_fits
        on statistics.basis = own_fits.basis
        and asked.asked_model = own_fits.asked_model
        and statistics.value_segment = own_fits.value_segment
        and own_fits.point = 0
),

-- The uncertainty of the parameters changes little from day to day: it is scored on histories of whole weeks, of which there are few.
scored as (
    select
        placed.basis,
        placed.asked_model,
        placed.fitted_segment,
        placed.purchase_count,
        placed.recency,
        placed.age,
        cast(0 as integer) as point
    from placed

    union distinct

    select
        placed.basis,
        placed.asked_model,
        placed.fitted_segment,
        placed.purchase_count,
        cast(floor(placed.recency) as double) as recency,
        cast(floor(placed.age) as double) as age,
        fits.point
    from placed
    inner join fits
        on placed.basis = fits.basis
        and placed.asked_model = fits.asked_model
        and placed.fitted_segment = fits.value_segment
        and fits.point <> 0
),

histories as (
    select
        scored.*,
        fits.model,
        fits.r,
        fits.alpha,
        fits.s,
        fits.beta,
        fits.a,
        fits.b,
        fits.rate
    from scored
    inner join fits
        on scored.basis = fits.basis
        and scored.asked_model = fits.asked_model
        and scored.fitted_segment = fits.value_segment
        and scored.point = fits.point
),

{%- for model in ['bg_nbd', 'pareto_nbd'] %}

{{ model }}_histories as (
    select * from histories
    where model = '{{ model }}'
),
{%- endfor %}

-- At the maximum and around it alike: what asks for less than all horizons would be the same integrals written a second time.
expected as (
    {{ bg_nbd_scores('bg_nbd_histories', keys, horizons) }}

    union all

    {{ pareto_nbd_scores('pareto_nbd_histories', keys, horizons) }}

    union all

    -- Where no model could be fitted, all customers go on at one rate.
    select
        {{ keys | join(', ') }},
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
        {{ history }},
        {%- for name in uncertain_horizons %}
        sum(case when point > 0 then expected_purchases_{{ name }} else -expected_purchases_{{ name }} end) / 2 as half_difference_{{ name }},
        {%- endfor %}
        abs(point) as pair
    from expected
    where point <> 0
    group by
        {{ history }},
        abs(point)
),

uncertain as (
    select
        {%- for name in uncertain_horizons %}
        sum(half_difference_{{ name }} * half_difference_{{ name }}) as parameter_variance_{{ name }},
        {%- endfor %}
        {{ history }}
    from paired
    group by {{ history }}
),

-- Ten decimals are more than any model knows, and the same on every engine.
final as (
    select
        expected.basis,
        expected.asked_model,
        expected.fitted_segment,
        expected.purchase_count,
        expected.recency,
        expected.age,
        {%- for name in horizons %}
        round(expected.expected_purchases_{{ name }}, 10) as expected_purchases_{{ name }},
        {%- endfor %}
        {%- for name in uncertain_horizons %}
        round(coalesce(uncertain.parameter_variance_{{ name }}, 0e0), 10) as parameter_variance_{{ name }},
        {%- endfor %}
        round(expected.probability_alive, 10) as probability_alive
    from expected
    left join uncertain
        on expected.basis = uncertain.basis
        and expected.asked_model = uncertain.asked_model
        and expected.fitted_segment = uncertain.fitted_segment
        and expected.purchase_count = uncertain.purchase_count
        and cast(floor(expected.recency) as double) = uncertain.recency
        and cast(floor(expected.age) as double) = uncertain.age
    where expected.point = 0
)

select * from final

with

backtest as (
    select * from {{ ref('int_value__backtest') }}
),

bases as (
    select * from {{ ref('int_value__bases') }}
    where basis = 'hold_out'
),

fits as (
    select * from {{ ref('int_value__fitted_models') }}
    where
        basis = 'hold_out'
        and point = 0
),

final as (
    select
        bases.predicted_until as as_of,
        bases.observed_until,
        bases.predicted_until,
        backtest.value_segment,
        backtest.method as model,
        backtest.is_baseline,
        backtest.measure,
        backtest.customer_count,
        round(backtest.predicted_total, 4) as predicted_total,
        round(backtest.actual_total, 4) as actual_total,
        round(backtest.mean_absolute_error, 6) as mean_absolute_error,
        round(backtest.root_mean_squared_error, 6) as root_mean_squared_error,
        round(backtest.bias, 6) as bias,
        round(backtest.correlation, 6) as correlation,
        round(backtest.normalised_gini, 6) as normalised_gini,
        round(backtest.coverage, 6) as coverage,
        round(backtest.coverage_by_model, 6) as coverage_by_model,
        case when backtest.measure = 'margin' then round(backtest.low_factor, 6) end as interval_low_factor,
        case when backtest.measure = 'margin' then round(backtest.high_factor, 6) end as interval_high_factor,
        backtest.method = backtest.chosen_method as is_chosen,
        backtest.is_baseline_chosen,
        fits.fallback_reason,
        backtest.is_bias_bounded,
        round(backtest.zero_share, 6) as zero_share,
        backtest.is_coverage_trivial
    from backtest
    cross join bases
    left join fits
        on backtest.value_segment = fits.value_segment
        and backtest.method = fits.asked_model
)

select * from final

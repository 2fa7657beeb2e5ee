{%- set lines = forecast_lines() -%}
{%- set methods = ['continuity_based', 'seasonal_naive', 'last_year_growth', 'trailing_mean'] -%}

with

calendar as (
    select
        as_of_month,
        first_month
    from {{ ref('int_calendar__as_of') }}
    where as_of_month is not null
),

settings as (
    select {{ normal_quantile('((1 + ' ~ value_setting('interval_level') ~ ') / 2)') }} * 1.2533141373155e0 as normal_width
),

reconciliation as (
    select
        month,
        line,
        customers_amount + unattributed_amount + below_the_line_amount as amount
    from {{ ref('profitability_reconciliation') }}
    where line_kind in ('posted', 'subtotal')
),

segment_months as (
    select * from {{ ref('segment_kpis') }}
),

-- What the customers of every origin bring, and those who are won after it.
cohort_forecasts as (
    select * from {{ ref('int_planning__cohort_forecasts') }}
),

-- The past, by line; of the company all lines, of segments those that customers bear.
series as (
    select
        'all' as segment_id,
        line,
        month,
        cast(amount as double) as amount
    from reconciliation

    union all

    select
        segment_months.segment_id,
        line_names.line,
        segment_months.month,
        case line_names.line
            {%- for line in waterfall_lines() if line.amount is defined and line.line in lines %}
            when '{{ line.line }}' then cast(segment_months.{{ line.amount }} as double)
            {%- endfor %}
        end as amount
    from segment_months
    cross join {{ listed(lines, 'line_names', 'line') }}
),

-- A month without anything is a month with nothing.
month_numbers as (
    select
        {{ month_after('calendar.first_month', 'whole_numbers.number') }} as month,
        whole_numbers.number as month_number,
        {{ dbt.datediff('calendar.first_month', 'calendar.as_of_month', 'month') }}
            as last_number
    from calendar
    cross join {{ whole_numbers(240) }}
    where {{ month_after('calendar.first_month', 'whole_numbers.number') }} <= calendar.as_of_month
),

keys as (
    select distinct
        segment_id,
        line
    from series
),

filled as (
    select
        keys.segment_id,
        keys.line,
        month_numbers.month_number,
        month_numbers.last_number,
        coalesce(series.amount, 0e0) as amount
    from keys
    cross join month_numbers
    left join series
        on keys.segment_id = series.segment_id
        and keys.line = series.line
        and month_numbers.month = series.month
),

-- What is known at the end of each month, of the last three years at most.
known as (
    select
        *,
        sum(amount) over (partition by segment_id, line order by month_number rows between 11 preceding and current row) as year_amount,
        sum(amount) over (partition by segment_id, line order by month_number rows between 23 preceding and 12 preceding) as year_before,
        avg(amount) over (partition by segment_id, line order by month_number rows between 11 preceding and current row) as mean_amount,
        lag(amount, 12) over (partition by segment_id, line order by month_number) as amount_year_ago
    from filled
),

scaled as (
    select
        *,
        -- In-sample error of the seasonal naive forecast up to here, which errors are compared with (Hyndman and Koehler, 2006).
        avg(abs(amount - amount_year_ago)) over (
            partition by segment_id, line
            order by month_number
            rows between unbounded preceding and current row
        ) as scale
    from known
),

origins as (
    select * from scaled
    where month_number >= greatest(last_number - 36, 11) and month_number < last_number
),

-- Up to a year ahead.
horizons as (
    select whole_numbers.number + 1 as horizon
    from {{ whole_numbers(12) }}
),

-- Curves of all cohorts, at the height of the last year.
heights as (
    select
        cohort_forecasts.origin_number,
        cohort_forecasts.line,
        least(greatest(coalesce(sum(filled.amount) / nullif(sum(cohort_forecasts.amount), 0), 1e0), 0e0), 3e0) as height
    from cohort_forecasts
    inner join filled
        on filled.segment_id = 'all'
        and cohort_forecasts.line = filled.line
        and cohort_forecasts.origin_number + cohort_forecasts.horizon = filled.month_number
    where cohort_forecasts.horizon <= 0
    group by
        cohort_forecasts.origin_number,
        cohort_forecasts.line
),

continued as (
    select
        'all' as segment_id,
        cohort_forecasts.origin_number as origin,
        cohort_forecasts.horizon,
        cohort_forecasts.line,
        cohort_forecasts.amount * heights.height as amount
    from cohort_forecasts
    inner join heights
        on cohort_forecasts.origin_number = heights.origin_number
        and cohort_forecasts.line = heights.line
    where cohort_forecasts.horizon > 0
),

forecasts as (
    select
        origins.segment_id,
        origins.line,
        origins.month_number as origin,
        horizons.horizon,
        actuals.amount as actual_amount,
        origins.scale,
        continued.amount as continuity_based,
        last_year.amount as seasonal_naive,
        last_year.amount * case when origins.month_number >= 23 then origins.year_amount / nullif(origins.year_before, 0) end as last_year_growth,
        origins.mean_amount as trailing_mean
    from origins
    cross join horizons
    inner join filled as actuals
        on origins.segment_id = actuals.segment_id
        and origins.line = actuals.line
        and origins.month_number + horizons.horizon = actuals.month_number
    left join filled as last_year
        on origins.segment_id = last_year.segment_id
        and origins.line = last_year.line
        and origins.month_number + horizons.horizon - 12 = last_year.month_number
    left join continued
        on origins.segment_id = continued.segment_id
        and origins.line = continued.line
        and origins.month_number = continued.origin
        and horizons.horizon = continued.horizon
),

tried as (
    select
        forecasts.segment_id,
        forecasts.line,
        forecasts.origin,
        forecasts.horizon,
        method_names.method,
        case method_names.method
            {%- for method in methods %}
            when '{{ method }}' then forecasts.{{ method }}
            {%- endfor %}
        end - forecasts.actual_amount as error,
        forecasts.actual_amount,
        forecasts.scale
    from forecasts
    cross join {{ listed(methods, 'method_names', 'method') }}
),

errors as (
    select * from tried
    where error is not null
),

-- The interval of an error is as wide as the other errors of the method at that horizon were.
widths as (
    select
        *,
        (sum(abs(error)) over (partition by segment_id, line, method, horizon) - abs(error))
        / nullif(count(*) over (partition by segment_id, line, method, horizon) - 1, 0) as other_error
    from errors
),

measured as (
    select
        widths.segment_id,
        widths.line,
        widths.method,
        widths.horizon,
        count(*) as forecast_count,
        {{ accuracy_measures('widths.error', 'widths.actual_amount', 'widths.scale') }},
        avg(widths.error) as mean_error,
        sum(widths.error) / nullif(abs(sum(widths.actual_amount)), 0) as bias,
        avg(
            case
                when widths.other_error is null then null
                when abs(widths.error) <= settings.normal_width * widths.other_error then 1e0
                else 0e0
            end
        ) as coverage
    from widths
    cross join settings
    group by
        widths.segment_id,
        widths.line,
        widths.method,
        widths.horizon
),

-- Methods are held against each other over all horizons, on as many forecasts as the seasonal naive one made.
judged as (
    select
        *,
        method <> 'continuity_based' as is_baseline,
        sum(forecast_count) over (partition by segment_id, line, method) as method_count,
        sum(case when method = 'seasonal_naive' then forecast_count else 0 end) over (partition by segment_id, line) as naive_count,
        sum(forecast_count * mean_absolute_error) over (partition by segment_id, line, method)
        / sum(forecast_count) over (partition by segment_id, line, method) as method_error
    from measured
),

-- A tie goes to the simpler method: what does not beat the baselines is not used.
chosen as (
    select
        *,
        first_value(case when method_count >= naive_count then method end) over (
            partition by segment_id, line
            order by
                case when method_count >= naive_count then 0 else 1 end,
                round(method_error, 6),
                case when is_baseline then 0 else 1 end,
                method
            rows between unbounded preceding and unbounded following
        ) as chosen_method
    from judged
),

final as (
    select
        line,
        segment_id,
        method,
        cast(horizon as integer) as horizon_months,
        is_baseline,
        cast(forecast_count as bigint) as forecast_count,
        {{ rounded_to_cents('mean_absolute_error', money_total()) }} as mean_absolute_error_amount,
        {{ rounded_to_cents('root_mean_squared_error', money_total()) }} as root_mean_squared_error_amount,
        round(mean_absolute_scaled_error, 6) as mean_absolute_scaled_error,
        {{ rounded_to_cents('mean_error', money_total()) }} as mean_error_amount,
        round(bias, 6) as bias,
        round(coverage, 6) as coverage,
        chosen_method,
        coalesce(chosen_method <> 'continuity_based', true) as is_baseline_chosen
    from chosen
)

select * from final

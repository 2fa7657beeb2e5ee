{%- set amounts = plan_lines().values() | list -%}
{%- set lines = ['gross_sales', 'discounts', 'rebates', 'returns', 'net_revenue', 'cost_of_goods', 'gross_margin', 'commission', 'payment_fees', 'freight',
    'lead_fees', 'contribution_margin', 'cost_to_serve', 'customer_margin', 'sustaining_cost', 'customer_profit'] -%}
{%- set sums = line_sums(lines) -%}
{%- set methods = ['continuity_based', 'seasonal_naive', 'last_year_growth', 'trailing_mean'] -%}
{%- set age = dbt.datediff('first_orders.first_order_month', 'waterfall.month', 'month') -%}

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

waterfall as (
    select * from {{ ref('int_customers__waterfall') }}
    where not is_unattributed
),

first_orders as (
    select
        customer_id,
        first_order_month,
        won_number,
        is_new
    from {{ ref('int_planning__first_orders') }}
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

-- Up to a year ahead; the year back says how far the curves are from what was.
horizons as (
    select whole_numbers.number - 11 as horizon
    from {{ whole_numbers(24) }}
),

-- Cohorts of customers by the month of their first order: how many, and what they brought at which age.
cohorts as (
    select
        first_orders.won_number,
        first_orders.is_new,
        cast(count(*) as double) as customer_count
    from first_orders
    cross join calendar
    where first_orders.first_order_month <= calendar.as_of_month
    group by
        first_orders.won_number,
        first_orders.is_new
),

aged as (
    select
        first_orders.won_number,
        first_orders.is_new,
        {{ age }} as age,
        {%- for amount in amounts %}
        cast(sum(waterfall.{{ amount }}) as double) as {{ amount }},
        {%- endfor %}
        cast(sum(waterfall.sustaining_cost_amount) as double) as sustaining_cost_amount
    from waterfall
    cross join calendar
    inner join first_orders
        on waterfall.customer_id = first_orders.customer_id
    where waterfall.month <= calendar.as_of_month and waterfall.month >= first_orders.first_order_month
    group by
        first_orders.won_number,
        first_orders.is_new,
        {{ age }}
),

by_line as (
    select
        aged.won_number,
        aged.is_new,
        aged.age,
        line_names.line,
        case line_names.line
            {%- for line, amount in sums.items() %}
            when '{{ line }}' then {{ amount }}
            {%- endfor %}
        end as amount
    from aged
    cross join {{ listed(lines, 'line_names', 'line') }}
),

-- By what was known at each origin: what a customer brings at an age, over the cohorts that had reached it (the chain ladder), those of whom it was
-- known that they were new apart from those who may have been customers before the data begin.
origin_numbers as (
    select distinct
        month_number as origin,
        {{ plan_watch_months('month_number + 1') }} as watch_months
    from origins
),

known_cohorts as (
    select
        origin_numbers.origin,
        cohorts.won_number,
        cohorts.is_new and cohorts.won_number >= origin_numbers.watch_months as is_watched,
        cohorts.customer_count
    from origin_numbers
    inner join cohorts
        on origin_numbers.origin >= cohorts.won_number
),

reached as (
    select
        known_cohorts.origin,
        known_cohorts.is_watched,
        whole_numbers.number as age,
        sum(known_cohorts.customer_count) as customer_count
    from known_cohorts
    cross join {{ whole_numbers(60) }}
    where known_cohorts.won_number + whole_numbers.number <= known_cohorts.origin
    group by
        known_cohorts.origin,
        known_cohorts.is_watched,
        whole_numbers.number
),

brought as (
    select
        origin_numbers.origin,
        by_line.is_new and by_line.won_number >= origin_numbers.watch_months as is_watched,
        by_line.line,
        by_line.age,
        sum(by_line.amount) as amount
    from origin_numbers
    inner join by_line
        on by_line.won_number + by_line.age <= origin_numbers.origin
    group by
        origin_numbers.origin,
        by_line.is_new and by_line.won_number >= origin_numbers.watch_months,
        by_line.line,
        by_line.age
),

curves as (
    select
        reached.origin,
        reached.is_watched,
        brought.line,
        reached.age,
        max(reached.age) over (partition by reached.origin, reached.is_watched) as last_age,
        brought.amount / reached.customer_count as amount
    from reached
    inner join brought
        on reached.origin = brought.origin
        and reached.is_watched = brought.is_watched
        and reached.age = brought.age
),

mean_won as (
    select
        origin_numbers.origin,
        sum(known_cohorts.customer_count)
        / max(least(origin_numbers.origin + 1 - origin_numbers.watch_months, 12)) as customer_count
    from origin_numbers
    inner join known_cohorts
        on origin_numbers.origin = known_cohorts.origin
        and origin_numbers.origin < known_cohorts.won_number + 12
        and known_cohorts.is_watched
    group by origin_numbers.origin
),

-- Those who are there, and as many new ones as in the same months of the year before, or in the mean of those of which it is known.
winners as (
    select
        origin,
        is_watched,
        won_number,
        customer_count
    from known_cohorts

    union all

    select
        origin_numbers.origin,
        true as is_watched,
        origin_numbers.origin + whole_numbers.number + 1 as won_number,
        case
            when origin_numbers.origin + whole_numbers.number - 11 >= origin_numbers.watch_months then coalesce(known_cohorts.customer_count, 0e0)
            else mean_won.customer_count
        end as customer_count
    from origin_numbers
    cross join {{ whole_numbers(12) }}
    inner join mean_won
        on origin_numbers.origin = mean_won.origin
    left join known_cohorts
        on origin_numbers.origin = known_cohorts.origin
        and origin_numbers.origin + whole_numbers.number - 11 = known_cohorts.won_number
        and known_cohorts.is_watched
),

unscaled as (
    select
        winners.origin,
        horizons.horizon,
        curves.line,
        sum(winners.customer_count * curves.amount) as amount
    from winners
    cross join horizons
    inner join curves
        on winners.origin = curves.origin
        and winners.is_watched = curves.is_watched
        and least(winners.origin + horizons.horizon - winners.won_number, curves.last_age) = curves.age
    where winners.won_number <= winners.origin + horizons.horizon
    group by
        winners.origin,
        horizons.horizon,
        curves.line
),

-- Curves of all cohorts, at the height of the last year.
heights as (
    select
        unscaled.origin,
        unscaled.line,
        least(greatest(coalesce(sum(filled.amount) / nullif(sum(unscaled.amount), 0), 1e0), 0e0), 3e0) as height
    from unscaled
    inner join filled
        on filled.segment_id = 'all'
        and unscaled.line = filled.line
        and unscaled.origin + unscaled.horizon = filled.month_number
    where unscaled.horizon <= 0
    group by
        unscaled.origin,
        unscaled.line
),

continued as (
    select
        'all' as segment_id,
        unscaled.origin,
        unscaled.horizon,
        unscaled.line,
        unscaled.amount * heights.height as amount
    from unscaled
    inner join heights
        on unscaled.origin = heights.origin
        and unscaled.line = heights.line
    where unscaled.horizon > 0
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
    where horizons.horizon > 0
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

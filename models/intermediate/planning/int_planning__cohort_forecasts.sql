{%- set amounts = plan_lines().values() | list -%}
{%- set lines = forecast_lines() -%}
{%- set sums = line_sums(lines) -%}
{%- set age = dbt.datediff('first_orders.first_order_month', 'waterfall.month', 'month') %}

with

calendar as (
    select
        as_of_month,
        cast({{ dbt.datediff('first_month', 'as_of_month', 'month') }} as integer) as last_number
    from {{ ref('int_calendar__as_of') }}
    where as_of_month is not null
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

-- The end of each month with a year behind it, of the last three years at most.
origin_numbers as (
    select
        whole_numbers.number as origin,
        {{ plan_watch_months('whole_numbers.number + 1') }} as watch_months
    from calendar
    cross join {{ whole_numbers(240) }}
    where whole_numbers.number >= greatest(calendar.last_number - 36, 11) and whole_numbers.number < calendar.last_number
),

-- Up to a year ahead; the year back says how far the curves are from what was.
horizons as (
    select whole_numbers.number - 11 as horizon
    from {{ whole_numbers(24) }}
),

coming_months as (
    select whole_numbers.number
    from {{ whole_numbers(12) }}
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
        origin_numbers.origin + coming_months.number + 1 as won_number,
        case
            when origin_numbers.origin + coming_months.number - 11 >= origin_numbers.watch_months then coalesce(known_cohorts.customer_count, 0e0)
            else mean_won.customer_count
        end as customer_count
    from origin_numbers
    cross join coming_months
    inner join mean_won
        on origin_numbers.origin = mean_won.origin
    left join known_cohorts
        on origin_numbers.origin = known_cohorts.origin
        and origin_numbers.origin + coming_months.number - 11 = known_cohorts.won_number
        and known_cohorts.is_watched
),

final as (
    select
        cast(winners.origin as integer) as origin_number,
        cast(horizons.horizon as integer) as horizon,
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
)

select * from final

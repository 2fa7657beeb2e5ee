-- Existing customers bring in the first year of the base what customer_lifetime_value expects of them. Each cell is rounded to four decimals, in ten lines.
with

planned as (
    select
        sum(forecasts.customer_margin_amount) as amount,
        count(*) as cell_count
    from {{ ref('customer_forecast') }} as forecasts
    cross join {{ ref('int_calendar__as_of') }} as calendar
    where
        forecasts.scenario_id = 'base' and forecasts.cohort_kind = 'existing'
        and forecasts.month <= {{ month_after('calendar.as_of_month', 12) }}
),

expected as (
    select sum(expected_margin_12m_amount) as amount
    from {{ ref('customer_lifetime_value') }}
)

select
    planned.amount as planned_amount,
    expected.amount as expected_amount
from planned
cross join expected
where abs(coalesce(planned.amount, 0) - coalesce(expected.amount, 0)) > 0.0005 * planned.cell_count + 0.01

-- Without interest, the cash flows of a customer up to the as-of date are its profit in the months up to then.
with

valued as (
    select
        customer_id,
        historic_cash_flow_amount
    from {{ ref('customer_lifetime_value') }}
),

earned as (
    select
        monthly.customer_id,
        sum(monthly.customer_profit_amount) as customer_profit_amount
    from {{ ref('customer_profitability_monthly') }} as monthly
    inner join {{ ref('int_calendar__as_of') }} as calendar
        on monthly.month <= calendar.as_of_month
    group by monthly.customer_id
)

select
    coalesce(valued.customer_id, earned.customer_id) as customer_id,
    valued.historic_cash_flow_amount,
    earned.customer_profit_amount
from valued
full outer join earned
    on valued.customer_id = earned.customer_id
where coalesce(valued.historic_cash_flow_amount, 0) <> coalesce(earned.customer_profit_amount, 0)

-- Proves that last_12m_ and ytd_ of customer_profitability are customer_profitability_monthly summed over the months they name, worked out here
-- by counting months back from as_of instead of by a condition. Returns each customer that differs.

with

calendar as (
    select as_of_month
    from {{ ref('int_calendar__as_of') }}
),

months as (
    select
        months.customer_id,
        months.order_count,
        months.net_revenue_amount,
        months.customer_profit_amount,
        (extract(year from calendar.as_of_month) - extract(year from months.month)) * 12
        + extract(month from calendar.as_of_month) - extract(month from months.month) as months_ago,
        extract(month from calendar.as_of_month) as months_of_the_year
    from {{ ref('customer_profitability_monthly') }} as months
    cross join calendar
),

summed as (
    select
        customer_id,
        sum(case when months_ago between 0 and 11 then order_count else 0 end) as last_12m_order_count,
        sum(case when months_ago between 0 and 11 then net_revenue_amount else 0 end) as last_12m_net_revenue_amount,
        sum(case when months_ago between 0 and 11 then customer_profit_amount else 0 end) as last_12m_customer_profit_amount,
        sum(case when months_ago between 0 and months_of_the_year - 1 then order_count else 0 end) as ytd_order_count,
        sum(case when months_ago between 0 and months_of_the_year - 1 then net_revenue_amount else 0 end) as ytd_net_revenue_amount,
        sum(case when months_ago between 0 and months_of_the_year - 1 then customer_profit_amount else 0 end) as ytd_customer_profit_amount
    from months
    group by customer_id
)

select totals.customer_id
from {{ ref('customer_profitability') }} as totals
left join summed
    on totals.customer_id = summed.customer_id
where
    totals.last_12m_order_count <> coalesce(summed.last_12m_order_count, 0)
    or totals.last_12m_net_revenue_amount <> coalesce(summed.last_12m_net_revenue_amount, 0)
    or totals.last_12m_customer_profit_amount <> coalesce(summed.last_12m_customer_profit_amount, 0)
    or totals.ytd_order_count <> coalesce(summed.ytd_order_count, 0)
    or totals.ytd_net_revenue_amount <> coalesce(summed.ytd_net_revenue_amount, 0)
    or totals.ytd_customer_profit_amount <> coalesce(summed.ytd_customer_profit_amount, 0)

-- Proves that action_customers has every customer that had ordered by the day as of which it speaks, once, with the profit of
-- customer_profitability, and the sums of its last twelve months in customer_profitability_monthly. Returns those for whom it has not.

with

calendar as (
    select
        as_of,
        as_of_month,
        {{ month_after('as_of_month', -11) }} as first_recent_month
    from {{ ref('int_calendar__as_of') }}
),

expected as (
    select
        profitability.customer_id,
        profitability.customer_profit_amount
    from {{ ref('customer_profitability') }} as profitability
    cross join calendar
    where not profitability.is_unattributed and profitability.first_ordered_on <= calendar.as_of
),

recent as (
    select
        months.customer_id,
        sum(months.net_revenue_amount) as net_revenue_amount,
        sum(months.customer_profit_amount) as customer_profit_amount
    from {{ ref('customer_profitability_monthly') }} as months
    inner join calendar
        on months.month >= calendar.first_recent_month
        and months.month <= calendar.as_of_month
    group by months.customer_id
),

customers as (
    select
        customer_id,
        customer_profit_amount,
        last_12m_net_revenue_amount,
        last_12m_customer_profit_amount
    from {{ ref('action_customers') }}
)

select
    coalesce(expected.customer_id, customers.customer_id) as customer_id,
    expected.customer_profit_amount,
    customers.customer_profit_amount as action_profit_amount,
    recent.customer_profit_amount as recent_profit_amount,
    customers.last_12m_customer_profit_amount
from expected
full outer join customers
    on expected.customer_id = customers.customer_id
left join recent
    on customers.customer_id = recent.customer_id
where
    coalesce(expected.customer_profit_amount <> customers.customer_profit_amount, true)
    or coalesce(recent.customer_profit_amount, 0) <> customers.last_12m_customer_profit_amount
    or coalesce(recent.net_revenue_amount, 0) <> customers.last_12m_net_revenue_amount

-- Proves that the cohorts are the customers: the customers of a month of first orders, their orders, and all net revenue, margin and profit
-- that they brought in any month. The last cumulative amount is the sum of the months. Returns the cohorts for which that does not hold.

with

customers as (
    select
        customer_id,
        first_order_month
    from {{ ref('int_marketing__first_orders') }}
),

expected as (
    select
        customers.first_order_month,
        count(distinct customers.customer_id) as customer_count,
        sum(profits.order_count) as order_count,
        sum(profits.net_revenue_amount) as net_revenue_amount,
        sum(profits.customer_margin_amount) as customer_margin_amount,
        sum(profits.customer_profit_amount) as customer_profit_amount
    from customers
    inner join {{ ref('customer_profitability_monthly') }} as profits
        on customers.customer_id = profits.customer_id
    group by customers.first_order_month
),

cells as (
    select
        *,
        max(months_since_first_order) over (partition by first_order_month, media_source, segment_id) as last_month
    from {{ ref('cohort_retention') }}
),

cohorts as (
    select
        first_order_month,
        sum(case when months_since_first_order = 0 then customer_count else 0 end) as customer_count,
        sum(order_count) as order_count,
        sum(net_revenue_amount) as net_revenue_amount,
        sum(customer_margin_amount) as customer_margin_amount,
        sum(customer_profit_amount) as customer_profit_amount,
        sum(case when months_since_first_order = last_month then cumulative_customer_profit_amount else 0 end) as cumulative_profit_amount,
        sum(active_customer_count + lapsed_customer_count + churned_customer_count - customer_count) as without_status_count
    from cells
    group by first_order_month
)

select
    coalesce(expected.first_order_month, cohorts.first_order_month) as first_order_month,
    expected.customer_count as expected_customer_count,
    cohorts.customer_count,
    expected.customer_profit_amount as expected_customer_profit_amount,
    cohorts.customer_profit_amount
from expected
full outer join cohorts
    on expected.first_order_month = cohorts.first_order_month
where
    expected.first_order_month is null
    or cohorts.first_order_month is null
    or expected.customer_count <> cohorts.customer_count
    or expected.order_count <> cohorts.order_count
    or expected.net_revenue_amount <> cohorts.net_revenue_amount
    or expected.customer_margin_amount <> cohorts.customer_margin_amount
    or expected.customer_profit_amount <> cohorts.customer_profit_amount
    or cohorts.cumulative_profit_amount <> cohorts.customer_profit_amount
    or cohorts.without_status_count <> 0

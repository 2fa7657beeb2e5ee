-- Proves that each order is credited to one campaign, or to none: over all campaigns, orders, net revenue and gross margin are those of
-- the company. Returns one row with both sides where they differ.

with

credited as (
    select
        sum(credited_order_count) as order_count,
        sum(credited_net_revenue_amount) as net_revenue_amount,
        sum(credited_gross_margin_amount) as gross_margin_amount
    from {{ ref('campaign_performance') }}
),

sold as (
    select count(distinct order_id) as order_count
    from {{ ref('fct_order_lines') }}
),

earned as (
    select
        sum(net_revenue_amount) as net_revenue_amount,
        sum(gross_margin_amount) as gross_margin_amount
    from {{ ref('customer_profitability_monthly') }}
)

select
    credited.order_count as credited_order_count,
    sold.order_count,
    credited.net_revenue_amount as credited_net_revenue_amount,
    earned.net_revenue_amount,
    credited.gross_margin_amount as credited_gross_margin_amount,
    earned.gross_margin_amount
from credited
cross join sold
cross join earned
where
    coalesce(credited.order_count, 0) <> sold.order_count
    or coalesce(credited.net_revenue_amount, 0) <> coalesce(earned.net_revenue_amount, 0)
    or coalesce(credited.gross_margin_amount, 0) <> coalesce(earned.gross_margin_amount, 0)

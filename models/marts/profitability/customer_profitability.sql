with

customers as (
    select
        customer_id,
        customer_kind,
        industry,
        size_class,
        country_code,
        parent_customer_id,
        territory_id,
        sales_rep_id,
        is_unattributed
    from {{ ref('dim_customer') }}
    -- Who never bought is no customer yet; what was spent on them is acquisition.
    where not is_prospect
),

months as (
    select * from {{ ref('customer_profitability_monthly') }}
),

order_lines as (
    select
        customer_id,
        min(ordered_on) as first_ordered_on,
        max(ordered_on) as last_ordered_on
    from {{ ref('fct_order_lines') }}
    group by customer_id
),

totals as (
    select
        customer_id,
        sum(order_count) as order_count,
        sum(case when is_active then 1 else 0 end) as active_month_count,
        sum(gross_sales_amount) as gross_sales_amount,
        sum(discount_amount) as discount_amount,
        sum(rebate_amount) as rebate_amount,
        sum(return_amount) as return_amount,
        sum(net_revenue_amount) as net_revenue_amount,
        sum(cost_of_goods_amount) as cost_of_goods_amount,
        sum(gross_margin_amount) as gross_margin_amount,
        sum(commission_amount) as commission_amount,
        sum(payment_fee_amount) as payment_fee_amount,
        sum(freight_amount) as freight_amount,
        sum(lead_fee_amount) as lead_fee_amount,
        sum(direct_selling_cost_amount) as direct_selling_cost_amount,
        sum(contribution_margin_amount) as contribution_margin_amount,
        sum(cost_to_serve_amount) as cost_to_serve_amount,
        sum(customer_margin_amount) as customer_margin_amount,
        sum(sustaining_cost_amount) as sustaining_cost_amount,
        sum(customer_profit_amount) as customer_profit_amount,
        sum(rebate_leakage_amount) as rebate_leakage_amount,
        sum(equal_share_cost_amount) as equal_share_cost_amount,
        sum(equal_share_profit_amount) as equal_share_profit_amount
    from months
    group by customer_id
),

final as (
    select
        customers.customer_id,
        customers.is_unattributed,
        customers.customer_kind,
        customers.industry,
        customers.size_class,
        customers.country_code,
        customers.parent_customer_id,
        customers.territory_id,
        customers.sales_rep_id,
        order_lines.first_ordered_on,
        order_lines.last_ordered_on,
        cast(coalesce(totals.order_count, 0) as bigint) as order_count,
        cast(coalesce(totals.active_month_count, 0) as bigint) as active_month_count,
        cast(coalesce(totals.gross_sales_amount, 0) as decimal(18, 4)) as gross_sales_amount,
        cast(coalesce(totals.discount_amount, 0) as decimal(18, 4)) as discount_amount,
        cast(coalesce(totals.rebate_amount, 0) as decimal(18, 4)) as rebate_amount,
        cast(coalesce(totals.return_amount, 0) as decimal(18, 4)) as return_amount,
        cast(coalesce(totals.net_revenue_amount, 0) as decimal(18, 4)) as net_revenue_amount,
        cast(coalesce(totals.cost_of_goods_amount, 0) as decimal(18, 4)) as cost_of_goods_amount,
        cast(coalesce(totals.gross_margin_amount, 0) as decimal(18, 4)) as gross_margin_amount,
        cast(coalesce(totals.commission_amount, 0) as decimal(18, 4)) as commission_amount,
        cast(coalesce(totals.payment_fee_amount, 0) as decimal(18, 4)) as payment_fee_amount,
        cast(coalesce(totals.freight_amount, 0) as decimal(18, 4)) as freight_amount,
        cast(coalesce(totals.lead_fee_amount, 0) as decimal(18, 4)) as lead_fee_amount,
        cast(coalesce(totals.direct_selling_cost_amount, 0) as decimal(18, 4)) as direct_selling_cost_amount,
        cast(coalesce(totals.contribution_margin_amount, 0) as decimal(18, 4)) as contribution_margin_amount,
        cast(coalesce(totals.cost_to_serve_amount, 0) as decimal(18, 4)) as cost_to_serve_amount,
        cast(coalesce(totals.customer_margin_amount, 0) as decimal(18, 4)) as customer_margin_amount,
        cast(coalesce(totals.sustaining_cost_amount, 0) as decimal(18, 4)) as sustaining_cost_amount,
        cast(coalesce(totals.customer_profit_amount, 0) as decimal(18, 4)) as customer_profit_amount,
        cast(coalesce(totals.rebate_leakage_amount, 0) as decimal(18, 4)) as rebate_leakage_amount,
        cast(coalesce(totals.equal_share_cost_amount, 0) as decimal(18, 4)) as equal_share_cost_amount,
        cast(coalesce(totals.equal_share_profit_amount, 0) as decimal(18, 4)) as equal_share_profit_amount
    from customers
    left join totals
        on customers.customer_id = totals.customer_id
    left join order_lines
        on customers.customer_id = order_lines.customer_id
)

select * from final

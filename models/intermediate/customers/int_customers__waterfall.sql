with

order_lines as (
    select * from {{ ref('fct_order_lines') }}
),

returns as (
    select * from {{ ref('fct_returns') }}
),

redemptions as (
    select * from {{ ref('fct_promotion_redemptions') }}
    where is_paid
),

direct_selling_costs as (
    select * from {{ ref('fct_direct_selling_costs') }}
),

ledger_entries as (
    select * from {{ ref('fct_ledger_entries') }}
),

activity_costs as (
    select * from {{ ref('fct_activity_costs') }}
),

activities as (
    select
        activity_id,
        cost_level
    from {{ ref('dim_activity') }}
),

sold as (
    select
        customer_id,
        month,
        count(distinct order_id) as order_count,
        sum(gross_sales_amount) as gross_sales_amount,
        sum(discount_amount) as discount_amount,
        sum(cost_of_goods_amount) as cost_of_goods_amount
    from order_lines
    group by
        customer_id,
        month
),

returned as (
    select
        customer_id,
        month,
        sum(refund_amount) as return_amount,
        sum(returned_cost_of_goods_amount) as returned_cost_of_goods_amount
    from returns
    group by
        customer_id,
        month
),

redeemed as (
    select
        customer_id,
        month,
        sum(rebate_amount) as rebate_amount,
        sum(case when is_rebate_leakage then rebate_amount else 0 end) as rebate_leakage_amount
    from redemptions
    group by
        customer_id,
        month
),

spent as (
    select
        customer_id,
        month,
        sum(case when cost_kind = 'commission' then cost_amount else 0 end) as commission_amount,
        sum(case when cost_kind = 'payment_fees' then cost_amount else 0 end) as payment_fee_amount,
        sum(case when cost_kind = 'freight' then cost_amount else 0 end) as freight_amount,
        sum(case when cost_kind = 'lead_fees' then cost_amount else 0 end) as lead_fee_amount
    from direct_selling_costs
    group by
        customer_id,
        month
),

served as (
    select
        activity_costs.customer_id,
        activity_costs.month,
        sum(case when activity_costs.waterfall_line = 'cost_to_serve' then activity_costs.cost_amount else 0 end) as cost_to_serve_amount,
        -- What comes with every order, of the cost to serve.
        sum(
            case when activity_costs.waterfall_line = 'cost_to_serve' and activities.cost_level = 'order' then activity_costs.cost_amount else 0 end
        ) as order_level_cost_amount,
        sum(case when activity_costs.waterfall_line = 'sustaining_cost' then activity_costs.cost_amount else 0 end) as sustaining_cost_amount
    from activity_costs
    left join activities
        on activity_costs.activity_id = activities.activity_id
    group by
        activity_costs.customer_id,
        activity_costs.month
),

customer_months as (
    select
        customer_id,
        month
    from sold

    union distinct

    select
        customer_id,
        month
    from returned

    union distinct

    select
        customer_id,
        month
    from redeemed

    union distinct

    select
        customer_id,
        month
    from spent

    union distinct

    select
        customer_id,
        month
    from served
),

indirect_costs as (
    select
        month,
        sum(amount) as indirect_cost_amount
    from ledger_entries
    where waterfall_line = 'indirect_cost'
    group by month
),

waterfall as (
    select
        customer_months.customer_id,
        customer_months.month,
        customer_months.customer_id = {{ unattributed_customer() }} as is_unattributed,
        coalesce(sold.order_count, 0) as order_count,
        -- A known customer who ordered in the month.
        coalesce(sold.order_count, 0) > 0 and customer_months.customer_id <> {{ unattributed_customer() }} as is_ordering,
        coalesce(sold.gross_sales_amount, 0) as gross_sales_amount,
        coalesce(sold.discount_amount, 0) as discount_amount,
        coalesce(redeemed.rebate_amount, 0) as rebate_amount,
        coalesce(returned.return_amount, 0) as return_amount,
        coalesce(sold.cost_of_goods_amount, 0) - coalesce(returned.returned_cost_of_goods_amount, 0) as cost_of_goods_amount,
        coalesce(spent.commission_amount, 0) as commission_amount,
        coalesce(spent.payment_fee_amount, 0) as payment_fee_amount,
        coalesce(spent.freight_amount, 0) as freight_amount,
        coalesce(spent.lead_fee_amount, 0) as lead_fee_amount,
        coalesce(redeemed.rebate_leakage_amount, 0) as rebate_leakage_amount,
        coalesce(served.cost_to_serve_amount, 0) as cost_to_serve_amount,
        coalesce(served.order_level_cost_amount, 0) as order_level_cost_amount,
        coalesce(served.sustaining_cost_amount, 0) as sustaining_cost_amount,
        coalesce(indirect_costs.indirect_cost_amount, 0) as indirect_cost_amount
    from customer_months
    left join sold
        on customer_months.customer_id = sold.customer_id
        and customer_months.month = sold.month
    left join returned
        on customer_months.customer_id = returned.customer_id
        and customer_months.month = returned.month
    left join redeemed
        on customer_months.customer_id = redeemed.customer_id
        and customer_months.month = redeemed.month
    left join spent
        on customer_months.customer_id = spent.customer_id
        and customer_months.month = spent.month
    left join served
        on customer_months.customer_id = served.customer_id
        and customer_months.month = served.month
    left join indirect_costs
        on customer_months.month = indirect_costs.month
),

weighted as (
    select
        *,
        cast(case when is_ordering then 1 else 0 end as decimal(18, 4)) as equal_share_weight
    from waterfall
),

shared as (
    {{ allocate('weighted', 'indirect_cost_amount', 'equal_share_weight', group_by=['month'], ties=['customer_id']) }}
),

margins as (
    select
        *,
        gross_sales_amount - discount_amount - rebate_amount - return_amount as net_revenue_amount,
        commission_amount + payment_fee_amount + freight_amount + lead_fee_amount as direct_selling_cost_amount,
        coalesce(allocated_amount, 0) as equal_share_cost_amount
    from shared
),

final as (
    select
        customer_id,
        month,
        is_unattributed,
        is_ordering,
        cast(order_count as bigint) as order_count,
        cast(gross_sales_amount as decimal(18, 4)) as gross_sales_amount,
        cast(discount_amount as decimal(18, 4)) as discount_amount,
        cast(rebate_amount as decimal(18, 4)) as rebate_amount,
        cast(return_amount as decimal(18, 4)) as return_amount,
        cast(net_revenue_amount as decimal(18, 4)) as net_revenue_amount,
        cast(cost_of_goods_amount as decimal(18, 4)) as cost_of_goods_amount,
        cast(net_revenue_amount - cost_of_goods_amount as decimal(18, 4)) as gross_margin_amount,
        cast(commission_amount as decimal(18, 4)) as commission_amount,
        cast(payment_fee_amount as decimal(18, 4)) as payment_fee_amount,
        cast(freight_amount as decimal(18, 4)) as freight_amount,
        cast(lead_fee_amount as decimal(18, 4)) as lead_fee_amount,
        cast(direct_selling_cost_amount as decimal(18, 4)) as direct_selling_cost_amount,
        cast(net_revenue_amount - cost_of_goods_amount - direct_selling_cost_amount as decimal(18, 4)) as contribution_margin_amount,
        cast(cost_to_serve_amount as decimal(18, 4)) as cost_to_serve_amount,
        cast(order_level_cost_amount as decimal(18, 4)) as order_level_cost_amount,
        cast(
            net_revenue_amount - cost_of_goods_amount - direct_selling_cost_amount - cost_to_serve_amount as decimal(18, 4)
        ) as customer_margin_amount,
        cast(sustaining_cost_amount as decimal(18, 4)) as sustaining_cost_amount,
        cast(
            net_revenue_amount - cost_of_goods_amount - direct_selling_cost_amount - cost_to_serve_amount
            - sustaining_cost_amount as decimal(18, 4)
        ) as customer_profit_amount,
        cast(rebate_leakage_amount as decimal(18, 4)) as rebate_leakage_amount,
        cast(equal_share_cost_amount as decimal(18, 4)) as equal_share_cost_amount,
        cast(
            net_revenue_amount - cost_of_goods_amount - direct_selling_cost_amount - equal_share_cost_amount as decimal(18, 4)
        ) as equal_share_profit_amount
    from margins
)

select * from final

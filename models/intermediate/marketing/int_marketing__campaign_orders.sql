with

order_credits as (
    select
        order_id,
        campaign_id,
        credited_by
    from {{ ref('int_marketing__order_credits') }}
),

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

-- A return, or a rebate, counts in its own month and for the campaign of its order.
moved as (
    select
        month,
        order_id,
        net_sales_amount,
        0 as return_amount,
        0 as rebate_amount,
        cost_of_goods_amount
    from order_lines

    union all

    select
        month,
        order_id,
        0 as net_sales_amount,
        refund_amount as return_amount,
        0 as rebate_amount,
        -returned_cost_of_goods_amount as cost_of_goods_amount
    from returns

    union all

    select
        month,
        order_id,
        0 as net_sales_amount,
        0 as return_amount,
        rebate_amount,
        0 as cost_of_goods_amount
    from redemptions
),

money as (
    select
        moved.month,
        coalesce(order_credits.campaign_id, {{ unknown_member() }}) as campaign_id,
        sum(coalesce(moved.net_sales_amount, 0)) as net_sales_amount,
        sum(coalesce(moved.return_amount, 0)) as return_amount,
        sum(coalesce(moved.rebate_amount, 0)) as rebate_amount,
        sum(coalesce(moved.cost_of_goods_amount, 0)) as cost_of_goods_amount
    from moved
    left join order_credits
        on moved.order_id = order_credits.order_id
    group by
        moved.month,
        coalesce(order_credits.campaign_id, {{ unknown_member() }})
),

order_months as (
    select
        order_id,
        min(month) as month
    from order_lines
    where order_id is not null
    group by order_id
),

counted as (
    select
        order_months.month,
        order_credits.campaign_id,
        count(*) as order_count,
        sum(case when order_credits.credited_by = 'order' then 1 else 0 end) as coded_order_count
    from order_credits
    inner join order_months
        on order_credits.order_id = order_months.order_id
    group by
        order_months.month,
        order_credits.campaign_id
),

final as (
    select
        money.month,
        money.campaign_id,
        cast(coalesce(counted.order_count, 0) as bigint) as order_count,
        cast(coalesce(counted.coded_order_count, 0) as bigint) as coded_order_count,
        cast(money.net_sales_amount as decimal(18, 4)) as net_sales_amount,
        cast(money.return_amount as decimal(18, 4)) as return_amount,
        cast(money.rebate_amount as decimal(18, 4)) as rebate_amount,
        cast(money.net_sales_amount - money.return_amount - money.rebate_amount as decimal(18, 4)) as net_revenue_amount,
        cast(money.cost_of_goods_amount as decimal(18, 4)) as cost_of_goods_amount,
        cast(
            money.net_sales_amount - money.return_amount - money.rebate_amount - money.cost_of_goods_amount as decimal(18, 4)
        ) as gross_margin_amount
    from money
    left join counted
        on money.month = counted.month
        and money.campaign_id = counted.campaign_id
)

select * from final

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

responses as (
    select
        customer_id,
        touch_id,
        campaign_id,
        touched_on,
        touched_at
    from {{ ref('fct_touches') }}
    where
        is_response
        and customer_id <> {{ unattributed_customer() }}
        and campaign_id <> {{ unknown_member() }}
),

orders as (
    select
        order_id,
        min(customer_id) as customer_id,
        min(ordered_on) as ordered_on,
        min(month) as month,
        min(campaign_id) as campaign_id
    from order_lines
    where order_id is not null
    group by order_id
),

uncoded as (
    select
        *,
        {{ dbt.dateadd('day', -1 * var('response_window_days') | int, 'ordered_on') }} as window_starts_on
    from orders
    where campaign_id = {{ unknown_member() }}
),

answered as (
    select
        uncoded.order_id,
        responses.touch_id,
        responses.campaign_id,
        row_number() over (
            partition by uncoded.order_id
            order by responses.touched_on desc, responses.touched_at desc, responses.touch_id desc
        ) as recency
    from uncoded
    inner join responses
        on uncoded.customer_id = responses.customer_id
        and uncoded.ordered_on >= responses.touched_on
        and uncoded.window_starts_on <= responses.touched_on
),

-- The one campaign that an order is credited to: the campaign that it names, else that of the last answered touch before it.
order_credits as (
    select
        orders.order_id,
        orders.month,
        case
            when orders.campaign_id <> {{ unknown_member() }} then orders.campaign_id
            else coalesce(answered.campaign_id, {{ unknown_member() }})
        end as campaign_id,
        case
            when orders.campaign_id <> {{ unknown_member() }} then 'order'
            when answered.campaign_id is not null then 'response'
            else 'none'
        end as credited_by
    from orders
    left join answered
        on orders.order_id = answered.order_id
        and answered.recency = 1
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

counted as (
    select
        month,
        campaign_id,
        count(*) as order_count,
        sum(case when credited_by = 'order' then 1 else 0 end) as coded_order_count
    from order_credits
    group by
        month,
        campaign_id
),

final as (
    select
        money.month,
        money.campaign_id,
        cast(coalesce(counted.order_count, 0) as bigint) as order_count,
        cast(coalesce(counted.coded_order_count, 0) as bigint) as coded_order_count,
        cast(money.net_sales_amount as {{ money_total() }}) as net_sales_amount,
        cast(money.return_amount as {{ money_total() }}) as return_amount,
        cast(money.rebate_amount as {{ money_total() }}) as rebate_amount,
        cast(money.net_sales_amount - money.return_amount - money.rebate_amount as {{ money_total() }}) as net_revenue_amount,
        cast(money.cost_of_goods_amount as {{ money_total() }}) as cost_of_goods_amount,
        cast(
            money.net_sales_amount - money.return_amount - money.rebate_amount - money.cost_of_goods_amount as {{ money_total() }}
        ) as gross_margin_amount
    from money
    left join counted
        on money.month = counted.month
        and money.campaign_id = counted.campaign_id
)

select * from final

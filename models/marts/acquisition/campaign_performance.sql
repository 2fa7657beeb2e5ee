with

months as (
    select * from {{ ref('campaign_performance_monthly') }}
),

curve as (
    select * from {{ ref('acquisition_payback_curve') }}
),

campaigns as (
    select * from {{ ref('dim_campaign') }}
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

-- A campaign that cost nothing and won nobody is there all the same.
all_months as (
    select
        campaigns.campaign_id as known_campaign_id,
        months.*
    from campaigns
    left join months
        on campaigns.campaign_id = months.campaign_id
),

sums as (
    select
        known_campaign_id as campaign_id,
        {{ performance_sums() }}
    from all_months
    group by known_campaign_id
),

paybacks as (
    {{ first_paybacks('curve', 'campaign') }}
),

orders as (
    select
        order_id,
        min(customer_id) as customer_id,
        min(ordered_on) as ordered_on,
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

-- A return, or a rebate, counts for the campaign of its order.
moved as (
    select
        order_id,
        net_sales_amount,
        0 as return_amount,
        0 as rebate_amount,
        cost_of_goods_amount
    from order_lines

    union all

    select
        order_id,
        0 as net_sales_amount,
        refund_amount as return_amount,
        0 as rebate_amount,
        -returned_cost_of_goods_amount as cost_of_goods_amount
    from returns

    union all

    select
        order_id,
        0 as net_sales_amount,
        0 as return_amount,
        rebate_amount,
        0 as cost_of_goods_amount
    from redemptions
),

money as (
    select
        coalesce(order_credits.campaign_id, {{ unknown_member() }}) as campaign_id,
        sum(coalesce(moved.net_sales_amount, 0)) as net_sales_amount,
        sum(coalesce(moved.return_amount, 0)) as return_amount,
        sum(coalesce(moved.rebate_amount, 0)) as rebate_amount,
        sum(coalesce(moved.cost_of_goods_amount, 0)) as cost_of_goods_amount
    from moved
    left join order_credits
        on moved.order_id = order_credits.order_id
    group by coalesce(order_credits.campaign_id, {{ unknown_member() }})
),

counted as (
    select
        campaign_id,
        count(*) as order_count,
        sum(case when credited_by = 'order' then 1 else 0 end) as coded_order_count
    from order_credits
    group by campaign_id
),

final as (
    select
        sums.campaign_id,
        campaigns.campaign_name,
        campaigns.media_source,
        campaigns.product_group,
        campaigns.starts_on,
        campaigns.ends_on,
        {{ default_performance('sums') }},
        paybacks.first_touch_payback_months as payback_months,
        cast(
            sums.customer_profit_amount + sums.charged_lead_fee_amount - sums.acquisition_cost_amount as {{ money_total() }}
        ) as profit_after_acquisition_amount,
        {{ attributed_performance('sums', 'paybacks') }},
        cast(coalesce(counted.order_count, 0) as bigint) as credited_order_count,
        cast(coalesce(counted.coded_order_count, 0) as bigint) as coded_order_count,
        cast(coalesce(money.net_sales_amount, 0) as {{ money_total() }}) as credited_net_sales_amount,
        cast(coalesce(money.return_amount, 0) as {{ money_total() }}) as credited_return_amount,
        cast(coalesce(money.rebate_amount, 0) as {{ money_total() }}) as credited_rebate_amount,
        cast(
            coalesce(money.net_sales_amount - money.return_amount - money.rebate_amount, 0) as {{ money_total() }}
        ) as credited_net_revenue_amount,
        cast(
            coalesce(money.net_sales_amount - money.return_amount - money.rebate_amount - money.cost_of_goods_amount, 0) as {{ money_total() }}
        ) as credited_gross_margin_amount
    from sums
    left join campaigns
        on sums.campaign_id = campaigns.campaign_id
    left join paybacks
        on sums.campaign_id = paybacks.member_id
    left join counted
        on sums.campaign_id = counted.campaign_id
    left join money
        on sums.campaign_id = money.campaign_id
)

select * from final

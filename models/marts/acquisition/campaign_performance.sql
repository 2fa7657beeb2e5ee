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

campaign_orders as (
    select * from {{ ref('int_marketing__campaign_orders') }}
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

credited as (
    select
        campaign_id,
        sum(order_count) as order_count,
        sum(coded_order_count) as coded_order_count,
        sum(net_sales_amount) as net_sales_amount,
        sum(return_amount) as return_amount,
        sum(rebate_amount) as rebate_amount,
        sum(net_revenue_amount) as net_revenue_amount,
        sum(gross_margin_amount) as gross_margin_amount
    from campaign_orders
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
        cast(coalesce(credited.order_count, 0) as bigint) as credited_order_count,
        cast(coalesce(credited.coded_order_count, 0) as bigint) as coded_order_count,
        cast(coalesce(credited.net_sales_amount, 0) as {{ money_total() }}) as credited_net_sales_amount,
        cast(coalesce(credited.return_amount, 0) as {{ money_total() }}) as credited_return_amount,
        cast(coalesce(credited.rebate_amount, 0) as {{ money_total() }}) as credited_rebate_amount,
        cast(coalesce(credited.net_revenue_amount, 0) as {{ money_total() }}) as credited_net_revenue_amount,
        cast(coalesce(credited.gross_margin_amount, 0) as {{ money_total() }}) as credited_gross_margin_amount
    from sums
    left join campaigns
        on sums.campaign_id = campaigns.campaign_id
    left join paybacks
        on sums.campaign_id = paybacks.member_id
    left join credited
        on sums.campaign_id = credited.campaign_id
)

select * from final

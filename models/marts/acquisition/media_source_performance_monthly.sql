with

campaign_months as (
    select * from {{ ref('campaign_performance_monthly') }}
),

sums as (
    select
        month,
        media_source,
        {{ performance_sums() }}
    from campaign_months
    group by
        month,
        media_source
),

final as (
    select
        sums.month,
        sums.media_source,
        sums.media_spend_amount,
        sums.media_cost_amount,
        sums.pre_sale_cost_amount,
        sums.acquired_lead_fee_amount,
        sums.acquisition_cost_amount,
        sums.lead_count,
        sums.touch_count,
        sums.response_count,
        cast(sums.response_count as double) / nullif(sums.touch_count, 0) as response_rate,
        sums.new_customer_count,
        {{ amount_per_customer('sums.acquisition_cost_amount', 'sums.new_customer_count') }} as cac_amount,
        sums.net_revenue_amount,
        sums.gross_margin_amount,
        sums.customer_margin_amount,
        sums.customer_profit_amount,
        sums.charged_lead_fee_amount,
        {{ attributed_performance('sums') }}
    from sums
)

select * from final

with

versions as (
    select * from {{ source('marketing', 'promotion_redemptions') }}
),

newest as (
    {{ newest_version('versions', ['redemption_id']) }}
),

final as (
    select
        source_system,
        redemption_id,
        coalesce(nullif(lower({{ trimmed('promotion_kind') }}), ''), 'rebate') as promotion_kind,
        campaign_id,
        customer_id,
        coalesce(customer_source_system, source_system) as customer_source_system,
        order_id,
        order_line_id,
        coalesce(order_source_system, source_system) as order_source_system,
        product_id,
        product_source_system,
        claimed_on,
        paid_on,
        amount,
        coalesce(nullif(upper({{ trimmed('currency_code') }}), ''), {{ reporting_currency() }}) as currency_code
        {{- extension_columns(source('marketing', 'promotion_redemptions')) }},
        delivered_on
    from newest
)

select * from final

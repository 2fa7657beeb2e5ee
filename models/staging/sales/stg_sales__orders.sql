with

versions as (
    select * from {{ source('sales', 'orders') }}
),

newest as (
    {{ newest_content('versions', ['order_id']) }}
),

final as (
    select
        source_system,
        order_id,
        customer_id,
        coalesce(customer_source_system, source_system) as customer_source_system,
        ordered_at,
        {{ business_day('ordered_at') }} as ordered_on,
        coalesce(nullif(lower({{ trimmed('channel') }}), ''), lower(source_system)) as channel,
        territory_id,
        sales_rep_id,
        campaign_id,
        coalesce(nullif(upper({{ trimmed('currency_code') }}), ''), {{ reporting_currency() }}) as currency_code,
        coalesce(commission_amount, 0) as commission_amount,
        commission_amount is not null as has_commission_amount,
        coalesce(has_special_packaging, false) as has_special_packaging,
        coalesce(nullif(lower({{ trimmed('order_status') }}), ''), 'placed') as order_status,
        is_withdrawn
        {{- extension_columns(source('sales', 'orders')) }},
        delivered_on
    from newest
)

select * from final

with

versions as (
    select * from {{ source('sales', 'returns') }}
),

newest as (
    {{ newest_content('versions', ['return_id']) }}
),

final as (
    select
        source_system,
        return_id,
        customer_id,
        coalesce(customer_source_system, source_system) as customer_source_system,
        order_id,
        order_line_id,
        coalesce(order_source_system, source_system) as order_source_system,
        product_id,
        product_source_system,
        quantity,
        refund_amount,
        coalesce(nullif(upper({{ trimmed('currency_code') }}), ''), {{ reporting_currency() }}) as currency_code,
        returned_at,
        {{ business_day('returned_at') }} as returned_on,
        coalesce(nullif(lower({{ trimmed('channel') }}), ''), lower(source_system)) as channel,
        coalesce(is_resaleable, false) as is_resaleable,
        reason,
        is_withdrawn
        {{- extension_columns(source('sales', 'returns')) }},
        delivered_on
    from newest
)

select * from final

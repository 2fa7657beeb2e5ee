{{ config(materialized='table') }}

with

versions as (
    select * from {{ source('sales', 'order_lines') }}
),

newest as (
    {{ newest_content('versions', ['order_line_id']) }}
),

final as (
    select
        source_system,
        order_line_id,
        order_id,
        product_id,
        product_source_system,
        quantity,
        unit_list_price,
        coalesce(discount_amount, 0) as discount_amount,
        discount_amount is not null as has_discount_amount,
        coalesce(tax_amount, 0) as tax_amount,
        promotion_id,
        unit_cost_amount,
        nullif(upper({{ trimmed('cost_currency_code') }}), '') as cost_currency_code,
        seller_id,
        seller_commission_amount,
        is_withdrawn
        {{- extension_columns(source('sales', 'order_lines')) }},
        delivered_on
    from newest
)

select * from final

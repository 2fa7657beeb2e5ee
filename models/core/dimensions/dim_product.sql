with

products as (
    select * from {{ ref('stg_sales__products') }}
),

members as (
    select
        {{ conformed_key('source_system', 'product_id') }} as product_id,
        source_system,
        product_id as source_product_id,
        product_name,
        product_group,
        product_category,
        product_kind,
        unit_list_price as unit_list_price_original_amount,
        currency_code,
        launched_on
        {{- extension_columns(ref('stg_sales__products')) }},
        discontinued_on
    from products

    union all

    select
        {{ unknown_member() }} as product_id,
        {{ unknown_member() }} as source_system,
        {{ unknown_member() }} as source_product_id,
        'Unknown product' as product_name,
        'ungrouped' as product_group,
        'uncategorised' as product_category,
        'goods' as product_kind,
        cast(null as decimal(26, 12)) as unit_list_price_original_amount,
        {{ reporting_currency() }} as currency_code,
        cast(null as date) as launched_on
        {{- extension_nulls(ref('stg_sales__products')) }},
        cast(null as date) as discontinued_on
),

final as (
    select
        product_id,
        source_system,
        source_product_id,
        product_name,
        product_group,
        product_category,
        product_kind,
        unit_list_price_original_amount,
        currency_code,
        launched_on
        {{- extension_columns(ref('stg_sales__products')) }},
        discontinued_on
    from members
)

select * from final

{{ config(materialized='table') }}

with

versions as (
    select * from {{ source('sales', 'products') }}
),

newest as (
    {{ newest_version('versions', ['product_id']) }}
),

final as (
    select
        source_system,
        product_id,
        product_name,
        coalesce(nullif({{ trimmed('product_group') }}, ''), 'ungrouped') as product_group,
        coalesce(nullif({{ trimmed('product_category') }}, ''), 'uncategorised') as product_category,
        coalesce(nullif(lower({{ trimmed('product_kind') }}), ''), 'goods') as product_kind,
        unit_list_price,
        coalesce(nullif(upper({{ trimmed('currency_code') }}), ''), {{ reporting_currency() }}) as currency_code,
        launched_on,
        discontinued_on
        {{- extension_columns(source('sales', 'products')) }},
        delivered_on
    from newest
)

select * from final

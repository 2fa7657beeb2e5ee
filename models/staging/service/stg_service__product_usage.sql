{{ config(materialized='table') }}

with

versions as (
    select * from {{ source('service', 'product_usage') }}
),

newest as (
    {{ newest_version('versions', ['customer_id', 'product_id', 'used_on']) }}
),

final as (
    select
        source_system,
        customer_id,
        product_id,
        used_on,
        coalesce(customer_source_system, source_system) as customer_source_system,
        product_source_system,
        usage_quantity,
        nullif(lower({{ trimmed('usage_unit') }}), '') as usage_unit
        {{- extension_columns(source('service', 'product_usage')) }},
        delivered_on
    from newest
)

select * from final

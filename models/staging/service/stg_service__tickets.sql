{{ config(materialized='table') }}

with

versions as (
    select * from {{ source('service', 'tickets') }}
),

newest as (
    {{ newest_version('versions', ['ticket_id']) }}
),

final as (
    select
        source_system,
        ticket_id,
        customer_id,
        coalesce(customer_source_system, source_system) as customer_source_system,
        product_id,
        product_source_system,
        sales_rep_id,
        opened_at,
        {{ business_day('opened_at') }} as opened_on,
        closed_at,
        nullif(lower({{ trimmed('channel') }}), '') as channel,
        topic,
        handling_minutes,
        order_id,
        coalesce(order_source_system, source_system) as order_source_system
        {{- extension_columns(source('service', 'tickets')) }},
        delivered_on
    from newest
)

select * from final

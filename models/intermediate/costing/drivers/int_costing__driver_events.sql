{{ config(materialized='view') }}

with

sales as (
    select * from {{ ref('int_costing__sales_drivers') }}
),

contacts as (
    select * from {{ ref('int_costing__contact_drivers') }}
),

service as (
    select * from {{ ref('int_costing__service_drivers') }}
),

final as (
    select
        month,
        driver,
        source_system,
        channel_id,
        customer_id,
        lead_id,
        campaign_id,
        media_source,
        order_id,
        product_id,
        quantity,
        measured_minutes,
        has_special_packaging,
        is_air_freight,
        is_new_customer,
        is_foreign_order,
        is_by_invoice,
        is_without_sale
    from sales

    union all

    select
        month,
        driver,
        source_system,
        channel_id,
        customer_id,
        lead_id,
        campaign_id,
        media_source,
        order_id,
        product_id,
        quantity,
        measured_minutes,
        has_special_packaging,
        is_air_freight,
        is_new_customer,
        is_foreign_order,
        is_by_invoice,
        is_without_sale
    from contacts

    union all

    select
        month,
        driver,
        source_system,
        channel_id,
        customer_id,
        lead_id,
        campaign_id,
        media_source,
        order_id,
        product_id,
        quantity,
        measured_minutes,
        has_special_packaging,
        is_air_freight,
        is_new_customer,
        is_foreign_order,
        is_by_invoice,
        is_without_sale
    from service
)

select * from final

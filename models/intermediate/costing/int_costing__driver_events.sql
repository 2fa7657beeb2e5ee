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
    select * from sales

    union all

    select * from contacts

    union all

    select * from service
)

select * from final

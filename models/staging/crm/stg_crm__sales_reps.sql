{{ config(materialized='table') }}

with

versions as (
    select * from {{ source('crm', 'sales_reps') }}
),

newest as (
    {{ newest_version('versions', ['sales_rep_id']) }}
),

final as (
    select
        source_system,
        sales_rep_id,
        sales_rep_name,
        nullif(lower({{ trimmed('role') }}), '') as role,
        territory_id,
        manager_sales_rep_id,
        hired_on,
        left_on
        {{- extension_columns(source('crm', 'sales_reps')) }},
        delivered_on
    from newest
)

select * from final

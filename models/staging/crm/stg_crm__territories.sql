{{ config(materialized='table') }}

with

versions as (
    select * from {{ source('crm', 'territories') }}
),

newest as (
    {{ newest_version('versions', ['territory_id']) }}
),

final as (
    select
        source_system,
        territory_id,
        territory_name,
        region,
        nullif(upper({{ trimmed('country_code') }}), '') as country_code,
        parent_territory_id
        {{- extension_columns(source('crm', 'territories')) }},
        delivered_on
    from newest
)

select * from final

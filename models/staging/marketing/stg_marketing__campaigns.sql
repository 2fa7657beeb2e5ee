{{ config(materialized='table') }}

with

versions as (
    select * from {{ source('marketing', 'campaigns') }}
),

newest as (
    {{ newest_version('versions', ['campaign_id']) }}
),

final as (
    select
        source_system,
        campaign_id,
        campaign_name,
        nullif(lower({{ trimmed('media_source') }}), '') as media_source,
        nullif({{ trimmed('product_group') }}, '') as product_group,
        starts_on,
        ends_on
        {{- extension_columns(source('marketing', 'campaigns')) }},
        delivered_on
    from newest
)

select * from final

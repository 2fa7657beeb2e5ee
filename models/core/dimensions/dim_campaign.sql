with

campaigns as (
    select * from {{ ref('stg_marketing__campaigns') }}
),

final as (
    select
        {{ conformed_key('source_system', 'campaign_id') }} as campaign_id,
        source_system,
        campaign_id as source_campaign_id,
        campaign_name,
        media_source,
        product_group,
        starts_on
        {{- extension_columns(ref('stg_marketing__campaigns')) }},
        ends_on
    from campaigns

    union all

    select
        {{ unknown_member() }} as campaign_id,
        {{ unknown_member() }} as source_system,
        {{ unknown_member() }} as source_campaign_id,
        'No campaign named' as campaign_name,
        {{ unknown_member() }} as media_source,
        cast(null as {{ dbt.type_string() }}) as product_group,
        cast(null as date) as starts_on
        {{- extension_nulls(ref('stg_marketing__campaigns')) }},
        cast(null as date) as ends_on
)

select * from final

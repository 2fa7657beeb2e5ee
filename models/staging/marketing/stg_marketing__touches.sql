with

versions as (
    select * from {{ source('marketing', 'touches') }}
),

newest as (
    {{ newest_version('versions', ['touch_id']) }}
),

final as (
    select
        source_system,
        touch_id,
        campaign_id,
        customer_id,
        coalesce(customer_source_system, source_system) as customer_source_system,
        lead_id,
        nullif(lower({{ trimmed('touch_kind') }}), '') as touch_kind,
        touched_at,
        {{ business_day('touched_at') }} as touched_on,
        coalesce(is_response, false) as is_response
        {{- extension_columns(source('marketing', 'touches')) }},
        delivered_on
    from newest
)

select * from final

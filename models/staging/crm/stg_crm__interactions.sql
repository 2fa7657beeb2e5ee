with

versions as (
    select * from {{ source('crm', 'interactions') }}
),

newest as (
    {{ newest_version('versions', ['interaction_id']) }}
),

final as (
    select
        source_system,
        interaction_id,
        customer_id,
        coalesce(customer_source_system, source_system) as customer_source_system,
        lead_id,
        sales_rep_id,
        nullif(lower({{ trimmed('interaction_kind') }}), '') as interaction_kind,
        occurred_at,
        {{ business_day('occurred_at') }} as occurred_on,
        duration_minutes,
        nullif(lower({{ trimmed('outcome') }}), '') as outcome,
        order_id,
        coalesce(order_source_system, source_system) as order_source_system
        {{- extension_columns(source('crm', 'interactions')) }},
        delivered_on
    from newest
)

select * from final

with

versions as (
    select * from {{ source('crm', 'opportunity_events') }}
),

newest as (
    {{ newest_version('versions', ['opportunity_event_id']) }}
),

final as (
    select
        source_system,
        opportunity_event_id,
        opportunity_id,
        occurred_at,
        {{ business_day('occurred_at') }} as occurred_on,
        nullif(lower({{ trimmed('stage') }}), '') as stage,
        amount,
        coalesce(nullif(upper({{ trimmed('currency_code') }}), ''), {{ reporting_currency() }}) as currency_code,
        probability
        {{- extension_columns(source('crm', 'opportunity_events')) }},
        delivered_on
    from newest
)

select * from final

with

versions as (
    select * from {{ source('marketing', 'media_spend') }}
),

newest as (
    {{ newest_version('versions', ['media_spend_id']) }}
),

final as (
    select
        source_system,
        media_spend_id,
        campaign_id,
        nullif(lower({{ trimmed('media_source') }}), '') as media_source,
        spent_on,
        amount,
        coalesce(nullif(upper({{ trimmed('currency_code') }}), ''), {{ reporting_currency() }}) as currency_code
        {{- extension_columns(source('marketing', 'media_spend')) }},
        delivered_on
    from newest
)

select * from final

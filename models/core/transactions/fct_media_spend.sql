with

spend as (
    select
        *,
        {{ counted_day('spent_on', 'delivered_on') }} as counted_on,
        {{ is_impossible_day('spent_on', 'delivered_on') }} as is_redated
    from {{ ref('stg_marketing__media_spend') }}
),

campaigns as (
    select
        campaign_id,
        media_source
    from {{ ref('dim_campaign') }}
),

exchange_rates as (
    select
        currency_code,
        calendar_date,
        exchange_rate
    from {{ ref('int_finance__daily_exchange_rates') }}
),

campaign_keys as (
    select * from {{ ref('int_references__keys') }}
    where entity = 'campaign'
),

final as (
    select
        {{ conformed_key('spend.source_system', 'spend.media_spend_id') }} as media_spend_id,
        spend.source_system,
        coalesce({{ referred_id('campaign_keys') }}, {{ unknown_member() }}) as campaign_id,
        coalesce(spend.media_source, campaigns.media_source, {{ unknown_member() }}) as media_source,
        spend.counted_on as spent_on,
        {{ month_of('spend.counted_on') }} as month,
        spend.amount as original_amount,
        spend.currency_code,
        exchange_rates.exchange_rate,
        {{ to_reporting_currency('spend.amount', 'spend.currency_code', 'exchange_rates.exchange_rate') }} as media_spend_amount,
        {{ is_convertible('spend.currency_code', 'exchange_rates.exchange_rate') }} as has_exchange_rate,
        spend.is_redated
        {{- extension_columns(ref('stg_marketing__media_spend'), alias='spend') }},
        spend.delivered_on
    from spend
    {{ resolve_reference('campaign_keys', 'spend.campaign_id', 'spend.source_system') }}
    left join campaigns
        on {{ referred_id('campaign_keys') }} = campaigns.campaign_id
    left join exchange_rates
        on spend.currency_code = exchange_rates.currency_code
        and spend.counted_on = exchange_rates.calendar_date
)

select * from final

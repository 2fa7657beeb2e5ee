with

leads as (
    select * from {{ ref('stg_marketing__leads') }}
    where is_current
),

lead_records as (
    select
        source_system,
        source_customer_id as lead_id,
        customer_id,
        is_prospect
    from {{ ref('customer_crosswalk') }}
    where record_kind = 'lead'
),

campaigns as (
    select
        campaign_id,
        media_source
    from {{ ref('dim_campaign') }}
),

campaign_keys as (
    select * from {{ ref('int_references__keys') }}
    where entity = 'campaign'
),

exchange_rates as (
    select
        currency_code,
        calendar_date,
        exchange_rate
    from {{ ref('int_finance__daily_exchange_rates') }}
),

dated as (
    select
        *,
        -- A lead that names no day of its own came in with its delivery.
        coalesce({{ counted_day('created_on', 'delivered_on') }}, delivered_on) as came_on,
        {{ is_impossible_day('created_on', 'delivered_on') }} as is_redated
    from leads
),

final as (
    select
        {{ conformed_key('dated.source_system', 'dated.lead_id') }} as lead_id,
        dated.source_system,
        dated.lead_id as source_lead_id,
        coalesce(lead_records.customer_id, {{ unattributed_customer() }}) as customer_id,
        coalesce(lead_records.is_prospect, true) as is_prospect,
        coalesce({{ referred_id('campaign_keys') }}, {{ unknown_member() }}) as campaign_id,
        coalesce(dated.media_source, campaigns.media_source, {{ unknown_member() }}) as media_source,
        dated.created_at,
        dated.came_on,
        dated.is_redated,
        dated.status,
        coalesce(dated.status = 'converted', false) or dated.converted_on is not null as is_converted,
        -- What was spent on somebody who never bought is no customer's cost.
        case when lead_records.is_prospect then {{ unattributed_customer() }} else coalesce(lead_records.customer_id, {{ unattributed_customer() }}) end
            as fee_customer_id,
        dated.fee_amount as fee_original_amount,
        dated.currency_code,
        {{ to_reporting_currency('dated.fee_amount', 'dated.currency_code', 'exchange_rates.exchange_rate') }} as fee_amount,
        dated.delivered_on
    from dated
    left join lead_records
        on dated.source_system = lead_records.source_system
        and dated.lead_id = lead_records.lead_id
    {{ resolve_reference('campaign_keys', 'dated.campaign_id', 'dated.source_system') }}
    left join campaigns
        on {{ referred_id('campaign_keys') }} = campaigns.campaign_id
    left join exchange_rates
        on dated.currency_code = exchange_rates.currency_code
        and dated.came_on = exchange_rates.calendar_date
)

select * from final

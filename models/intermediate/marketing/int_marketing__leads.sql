with

leads as (
    select * from {{ ref('stg_marketing__leads') }}
),

lead_records as (
    select
        source_system,
        lead_id,
        customer_id,
        is_prospect
    from {{ ref('int_identity__lead_records') }}
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

final as (
    select
        {{ conformed_key('leads.source_system', 'leads.lead_id') }} as lead_id,
        leads.source_system,
        leads.lead_id as source_lead_id,
        coalesce(lead_records.customer_id, {{ unattributed_customer() }}) as customer_id,
        coalesce(lead_records.is_prospect, true) as is_prospect,
        coalesce({{ referred_id('campaign_keys') }}, {{ unknown_member() }}) as campaign_id,
        coalesce(leads.media_source, campaigns.media_source, {{ unknown_member() }}) as media_source,
        leads.created_at,
        -- A lead that names no day of its own came in with its delivery.
        coalesce(leads.created_on, leads.delivered_on) as came_on,
        leads.status,
        leads.delivered_on
    from leads
    left join lead_records
        on leads.source_system = lead_records.source_system
        and leads.lead_id = lead_records.lead_id
    {{ resolve_reference('campaign_keys', 'leads.campaign_id', 'leads.source_system') }}
    left join campaigns
        on {{ referred_id('campaign_keys') }} = campaigns.campaign_id
)

select * from final

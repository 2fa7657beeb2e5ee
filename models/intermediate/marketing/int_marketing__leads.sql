with

leads as (
    select * from {{ ref('stg_marketing__leads') }}
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
        source_system,
        campaign_id,
        media_source
    from {{ ref('stg_marketing__campaigns') }}
),

campaign_keys as (
    {{ reference_keys('campaigns', 'campaign_id') }}
),

final as (
    select
        {{ conformed_key('leads.source_system', 'leads.lead_id') }} as lead_id,
        leads.source_system,
        leads.lead_id as source_lead_id,
        coalesce(lead_records.customer_id, {{ unattributed_customer() }}) as customer_id,
        coalesce(lead_records.is_prospect, true) as is_prospect,
        coalesce(campaign_keys.conformed_id, {{ unknown_member() }}) as campaign_id,
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
    left join campaign_keys
        on {{ refers_to('campaign_keys', 'leads.campaign_id', 'leads.source_system') }}
    left join campaigns
        on campaign_keys.referred_system = campaigns.source_system
        and campaign_keys.referred_number = campaigns.campaign_id
)

select * from final

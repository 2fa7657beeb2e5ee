with

leads as (
    select
        source_system,
        lead_id,
        campaign_id,
        media_source,
        coalesce(created_on, delivered_on) as came_on
    from {{ ref('stg_marketing__leads') }}
),

lead_records as (
    select
        source_system,
        lead_id,
        customer_id
    from {{ ref('int_identity__lead_records') }}
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

sourced as (
    select
        lead_records.customer_id,
        {{ conformed_key('leads.source_system', 'leads.lead_id') }} as lead_id,
        coalesce(leads.media_source, campaigns.media_source) as media_source,
        row_number() over (partition by lead_records.customer_id order by leads.came_on, leads.source_system, leads.lead_id) as lead_rank
    from leads
    inner join lead_records
        on leads.source_system = lead_records.source_system
        and leads.lead_id = lead_records.lead_id
    left join campaign_keys
        on {{ refers_to('campaign_keys', 'leads.campaign_id', 'leads.source_system') }}
    left join campaigns
        on campaign_keys.conformed_id = {{ conformed_key('campaigns.source_system', 'campaigns.campaign_id') }}
),

final as (
    select
        customer_id,
        lead_id,
        media_source
    from sourced
    where lead_rank = 1
)

select * from final

with

touches as (
    select * from {{ ref('stg_marketing__touches') }}
),

crosswalk as (
    select
        source_system,
        source_customer_id,
        customer_id
    from {{ ref('int_identity__customer_records') }}
),

leads as (
    select
        source_system,
        source_lead_id,
        lead_id,
        customer_id,
        media_source
    from {{ ref('int_marketing__leads') }}
),

campaigns as (
    select
        source_system,
        campaign_id,
        media_source
    from {{ ref('stg_marketing__campaigns') }}
),

lead_keys as (
    {{ reference_keys('leads', 'source_lead_id') }}
),

campaign_keys as (
    {{ reference_keys('campaigns', 'campaign_id') }}
),

final as (
    select
        {{ conformed_key('touches.source_system', 'touches.touch_id') }} as touch_id,
        touches.source_system,
        coalesce(crosswalk.customer_id, leads.customer_id, {{ unattributed_customer() }}) as customer_id,
        {{ customer_reference_of('coalesce(touches.customer_id, touches.lead_id)', 'found.customer_id') }} as customer_reference,
        leads.lead_id,
        -- Sent to somebody who was no customer then: part of what it costs to win customers, whoever the lead became.
        crosswalk.customer_id is null and touches.lead_id is not null as is_to_lead,
        coalesce(campaign_keys.conformed_id, {{ unknown_member() }}) as campaign_id,
        coalesce(campaigns.media_source, leads.media_source, {{ unknown_member() }}) as media_source,
        touches.touch_kind,
        touches.touched_at,
        touches.touched_on,
        {{ month_of('touches.touched_on') }} as month,
        touches.is_response
        {{- extension_columns(ref('stg_marketing__touches'), alias='touches') }},
        touches.delivered_on
    from touches
    left join crosswalk
        on touches.customer_source_system = crosswalk.source_system
        and touches.customer_id = crosswalk.source_customer_id
    left join lead_keys
        on {{ refers_to('lead_keys', 'touches.lead_id', 'touches.source_system') }}
    left join leads
        on lead_keys.conformed_id = leads.lead_id
    left join campaign_keys
        on {{ refers_to('campaign_keys', 'touches.campaign_id', 'touches.source_system') }}
    left join campaigns
        on campaign_keys.referred_system = campaigns.source_system
        and campaign_keys.referred_number = campaigns.campaign_id
)

select * from final

with

touches as (
    select
        *,
        {{ counted_day('touched_on', 'delivered_on') }} as counted_on,
        {{ is_impossible_day('touched_on', 'delivered_on') }} as is_redated
    from {{ ref('stg_marketing__touches') }}
),

crosswalk as (
    select
        source_system,
        source_customer_id,
        customer_id
    from {{ ref('customer_crosswalk') }}
    where record_kind = 'customer'
),

leads as (
    select
        lead_id,
        customer_id,
        media_source
    from {{ ref('int_marketing__leads') }}
),

campaigns as (
    select
        campaign_id,
        media_source
    from {{ ref('dim_campaign') }}
),

lead_keys as (
    select * from {{ ref('int_references__keys') }}
    where entity = 'lead'
),

campaign_keys as (
    select * from {{ ref('int_references__keys') }}
    where entity = 'campaign'
),

resolved as (
    select
        touches.*,
        crosswalk.customer_id as record_customer_id,
        coalesce(crosswalk.customer_id, leads.customer_id) as found_customer_id,
        leads.lead_id as found_lead_id,
        leads.media_source as lead_media_source
    from touches
    left join crosswalk
        on touches.customer_source_system = crosswalk.source_system
        and touches.customer_id = crosswalk.source_customer_id
    {{ resolve_reference('lead_keys', 'touches.lead_id', 'touches.source_system') }}
    left join leads
        on {{ referred_id('lead_keys') }} = leads.lead_id
),

final as (
    select
        {{ conformed_key('resolved.source_system', 'resolved.touch_id') }} as touch_id,
        resolved.source_system,
        coalesce(resolved.found_customer_id, {{ unattributed_customer() }}) as customer_id,
        {{ customer_reference_of('coalesce(resolved.customer_id, resolved.lead_id)', 'resolved.found_customer_id') }} as customer_reference,
        resolved.found_lead_id as lead_id,
        -- Sent to somebody who was no customer then: part of what it costs to win customers, whoever the lead became.
        resolved.record_customer_id is null and resolved.lead_id is not null as is_to_lead,
        coalesce({{ referred_id('campaign_keys') }}, {{ unknown_member() }}) as campaign_id,
        coalesce(campaigns.media_source, resolved.lead_media_source, {{ unknown_member() }}) as media_source,
        resolved.touch_kind,
        resolved.touched_at,
        resolved.counted_on as touched_on,
        {{ month_of('resolved.counted_on') }} as month,
        resolved.is_response,
        resolved.is_redated
        {{- extension_columns(ref('stg_marketing__touches'), alias='resolved') }},
        resolved.delivered_on
    from resolved
    {{ resolve_reference('campaign_keys', 'resolved.campaign_id', 'resolved.source_system') }}
    left join campaigns
        on {{ referred_id('campaign_keys') }} = campaigns.campaign_id
)

select * from final

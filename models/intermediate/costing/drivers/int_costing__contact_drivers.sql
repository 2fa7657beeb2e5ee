with

interactions as (
    select * from {{ ref('fct_interactions') }}
    where interaction_kind in ('call', 'visit', 'demo')
),

touches as (
    select * from {{ ref('fct_touches') }}
    where touch_kind in ('mail', 'email')
),

leads as (
    select * from {{ ref('int_marketing__leads') }}
),

media_spend as (
    select * from {{ ref('fct_media_spend') }}
    where media_spend_amount > 0
),

met as (
    select
        interactions.*,
        leads.campaign_id,
        leads.media_source
    from interactions
    left join leads
        on interactions.lead_id = leads.lead_id
),

final as (
    select
        {{ driver_event({
            'month': 'month', 'driver': "case interaction_kind when 'call' then 'calls' else 'visits' end", 'source_system': 'source_system',
            'customer_id': 'case when not is_prospect then customer_id end', 'lead_id': 'lead_id',
            'campaign_id': 'campaign_id', 'media_source': 'media_source', 'order_id': 'order_id',
            'measured_minutes': 'coalesce(duration_minutes, 0)', 'is_without_sale': 'not has_sale',
        }) }}
    from met

    union all

    select
        {{ driver_event({
            'month': 'month', 'driver': "case touch_kind when 'mail' then 'mailings' else 'e_mails' end",
            'source_system': 'source_system', 'customer_id': 'case when not is_to_lead then customer_id end', 'lead_id': 'lead_id',
            'campaign_id': 'campaign_id', 'media_source': 'media_source',
        }) }}
    from touches

    union all

    select
        {{ driver_event({
            'month': month_of('came_on'), 'driver': "'leads'", 'source_system': 'source_system', 'lead_id': 'lead_id',
            'campaign_id': 'campaign_id', 'media_source': 'media_source',
        }) }}
    from leads

    union all

    -- Spent to win customers, none of whom it names.
    select
        {{ driver_event({
            'month': 'month', 'driver': "'media_spend'", 'source_system': 'source_system', 'campaign_id': 'campaign_id',
            'media_source': 'media_source', 'quantity': 'media_spend_amount',
        }) }}
    from media_spend
)

select * from final

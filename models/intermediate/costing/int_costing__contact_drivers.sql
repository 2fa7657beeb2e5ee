with

interactions as (
    select * from {{ ref('fct_interactions') }}
    where interaction_kind in ('call', 'visit', 'demo')
),

touches as (
    select * from {{ ref('stg_marketing__touches') }}
    where touch_kind in ('mail', 'email')
),

leads as (
    select
        *,
        -- A lead that names no day of its own came in with its delivery.
        coalesce(created_on, delivered_on) as counted_on
    from {{ ref('stg_marketing__leads') }}
),

crosswalk as (
    select
        source_system,
        source_customer_id,
        customer_id
    from {{ ref('int_identity__customer_records') }}
),

media_spend as (
    select * from {{ ref('fct_media_spend') }}
    where media_spend_amount > 0
),

lead_keys as (
    {{ reference_keys('leads', 'lead_id') }}
),

touched as (
    select
        touches.source_system,
        touches.touch_kind,
        touches.touched_on,
        lead_keys.conformed_id as lead_id,
        -- A mailing to a lead is part of what it costs to win customers; one that names nobody we know is unattributed.
        case
            when crosswalk.customer_id is not null then crosswalk.customer_id
            when touches.lead_id is null then {{ unattributed_customer() }}
        end as customer_id
    from touches
    left join crosswalk
        on touches.customer_source_system = crosswalk.source_system
        and touches.customer_id = crosswalk.source_customer_id
    left join lead_keys
        on {{ refers_to('lead_keys', 'touches.lead_id', 'touches.source_system') }}
),

final as (
    select
        {{ driver_event({
            'month': 'month', 'driver': "case interaction_kind when 'call' then 'calls' else 'visits' end", 'source_system': 'source_system',
            'customer_id': 'case when not is_prospect then customer_id end', 'lead_id': 'lead_id', 'order_id': 'order_id',
            'measured_minutes': 'coalesce(duration_minutes, 0)', 'is_without_sale': 'not has_sale',
        }) }}
    from interactions

    union all

    select
        {{ driver_event({
            'month': month_of('touched_on'), 'driver': "case touch_kind when 'mail' then 'mailings' else 'e_mails' end",
            'source_system': 'source_system', 'customer_id': 'customer_id', 'lead_id': 'lead_id',
        }) }}
    from touched

    union all

    select
        {{ driver_event({
            'month': month_of('counted_on'), 'driver': "'leads'", 'source_system': 'source_system',
            'lead_id': conformed_key('source_system', 'lead_id'),
        }) }}
    from leads

    union all

    -- Spent to win customers, none of whom it names.
    select
        {{ driver_event({
            'month': 'month', 'driver': "'media_spend'", 'source_system': 'source_system', 'quantity': 'media_spend_amount',
        }) }}
    from media_spend
)

select * from final

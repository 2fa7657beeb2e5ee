with

first_orders as (
    select * from {{ ref('int_marketing__first_orders') }}
),

touches as (
    select * from {{ ref('fct_touches') }}
),

leads as (
    select * from {{ ref('int_marketing__leads') }}
),

campaigns as (
    select
        campaign_id,
        media_source
    from {{ ref('dim_campaign') }}
),

touched as (
    select
        touches.customer_id,
        touches.touch_id as touchpoint_id,
        'touch' as touchpoint_kind,
        2 as kind_order,
        touches.touched_on,
        touches.touched_at,
        touches.lead_id,
        touches.campaign_id,
        touches.media_source,
        touches.is_response,
        {{ contact_source('touches.campaign_id', 'touches.media_source') }} as contact_source
    from touches
    inner join first_orders
        on touches.customer_id = first_orders.customer_id
    -- Systems have clocks of their own, so the day decides.
    where touches.touched_on <= first_orders.first_ordered_on
),

came as (
    select
        leads.customer_id,
        leads.lead_id as touchpoint_id,
        'lead' as touchpoint_kind,
        1 as kind_order,
        leads.came_on as touched_on,
        leads.created_at as touched_at,
        leads.lead_id,
        leads.campaign_id,
        leads.media_source,
        true as is_response,
        {{ contact_source('leads.campaign_id', 'leads.media_source') }} as contact_source
    from leads
    inner join first_orders
        on leads.customer_id = first_orders.customer_id
    where leads.came_on <= first_orders.first_ordered_on
),

named as (
    select
        first_orders.customer_id,
        first_orders.first_order_id as touchpoint_id,
        'order' as touchpoint_kind,
        3 as kind_order,
        first_orders.first_ordered_on as touched_on,
        cast(null as timestamp) as touched_at,
        cast(null as {{ dbt.type_string() }}) as lead_id,
        first_orders.campaign_id,
        coalesce(campaigns.media_source, {{ unknown_member() }}) as media_source,
        true as is_response,
        {{ contact_source('first_orders.campaign_id', 'campaigns.media_source') }} as contact_source
    from first_orders
    left join campaigns
        on first_orders.campaign_id = campaigns.campaign_id
    where first_orders.campaign_id <> {{ unknown_member() }}
),

evidence as (
    select * from touched
    union all
    select * from came
    union all
    select * from named
),

-- A lead, and the campaign that an order names, say that there was a touch. They stand in for one that was not recorded, so that
-- the touch which made somebody a lead does not count twice.
weighed as (
    select
        *,
        max(case when touchpoint_kind = 'touch' then 1 else 0 end) over (partition by customer_id, contact_source) = 1 as has_touch,
        row_number() over (
            partition by customer_id, contact_source
            order by touched_on, kind_order, touchpoint_id
        ) as evidence_number
    from evidence
),

counted as (
    select * from weighed
    where
        touchpoint_kind = 'touch'
        or (not has_touch and evidence_number = 1)
),

final as (
    select
        customer_id,
        touchpoint_id,
        touchpoint_kind,
        touched_on,
        lead_id,
        campaign_id,
        media_source,
        is_response,
        cast(
            row_number() over (
                partition by customer_id
                order by
                    touched_on asc, case when touchpoint_kind = 'order' then 1 else 0 end asc, touched_at asc nulls first, kind_order asc, touchpoint_id asc
            ) as bigint
        ) as touch_number,
        count(*) over (partition by customer_id) as touch_count
    from counted
)

select * from final

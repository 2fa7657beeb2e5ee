with

interactions as (
    select
        *,
        {{ counted_day('occurred_on', 'delivered_on') }} as counted_on,
        {{ is_impossible_day('occurred_on', 'delivered_on') }} as is_redated
    from {{ ref('stg_crm__interactions') }}
),

orders as (
    select
        source_system,
        source_order_id,
        order_id,
        customer_id
    from {{ ref('int_sales__orders') }}
),

crosswalk as (
    select
        source_system,
        source_customer_id,
        customer_id
    from {{ ref('customer_crosswalk') }}
    where record_kind = 'customer'
),

lead_keys as (
    select * from {{ ref('int_references__keys') }}
    where entity = 'lead'
),

sales_rep_keys as (
    select * from {{ ref('int_references__keys') }}
    where entity = 'sales_rep'
),

final as (
    select
        {{ conformed_key('interactions.source_system', 'interactions.interaction_id') }} as interaction_id,
        interactions.source_system,
        coalesce(crosswalk.customer_id, orders.customer_id, {{ unattributed_customer() }}) as customer_id,
        {{ customer_reference_of('interactions.customer_id', 'coalesce(crosswalk.customer_id, orders.customer_id)') }} as customer_reference,
        {{ referred_id('lead_keys') }} as lead_id,
        coalesce({{ referred_id('sales_rep_keys') }}, {{ unknown_member() }}) as sales_rep_id,
        interactions.interaction_kind,
        interactions.counted_on as occurred_on,
        {{ month_of('interactions.counted_on') }} as month,
        interactions.duration_minutes,
        interactions.outcome,
        coalesce(interactions.outcome = 'sale', false) as has_sale,
        orders.order_id,
        -- Work for somebody who is not a customer yet: part of what it costs to win customers.
        coalesce(nullif(crosswalk.customer_id, {{ unattributed_customer() }}), nullif(orders.customer_id, {{ unattributed_customer() }})) is null
        and interactions.lead_id is not null as is_prospect,
        interactions.is_redated
        {{- extension_columns(ref('stg_crm__interactions'), alias='interactions') }},
        interactions.delivered_on
    from interactions
    left join orders
        on interactions.order_source_system = orders.source_system
        and interactions.order_id = orders.source_order_id
    left join crosswalk
        on interactions.customer_source_system = crosswalk.source_system
        and interactions.customer_id = crosswalk.source_customer_id
    {{ resolve_reference('lead_keys', 'interactions.lead_id', 'interactions.source_system') }}
    {{ resolve_reference('sales_rep_keys', 'interactions.sales_rep_id', 'interactions.source_system') }}
)

select * from final

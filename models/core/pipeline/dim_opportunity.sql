with

opportunities as (
    select
        *,
        {{ counted_day('opened_on', 'delivered_on') }} as opened_day
    from {{ ref('stg_crm__opportunities') }}
    where is_current
),

-- As they are known now.
states as (
    select * from {{ ref('fct_opportunity_states') }}
    where known_to is null
),

stage_names as (
    select * from {{ ref('pipeline_stage_names') }}
),

campaigns as (
    select
        campaign_id,
        product_group
    from {{ ref('dim_campaign') }}
),

crosswalk as (
    select
        source_system,
        source_customer_id,
        customer_id
    from {{ ref('customer_crosswalk') }}
    where record_kind = 'customer'
),

campaign_keys as (
    select * from {{ ref('int_references__keys') }}
    where entity = 'campaign'
),

lead_keys as (
    select * from {{ ref('int_references__keys') }}
    where entity = 'lead'
),

named_numbers as (
    select distinct order_id
    from opportunities
),

-- The orders that opportunities name, of one system or another; one that was withdrawn is asked for only where no other has its number.
named_orders as (
    select
        orders.order_id,
        orders.source_system,
        orders.source_order_id,
        case when orders.is_withdrawn is not true then orders.order_id end as delivered_order_id
    from {{ ref('int_sales__orders') }} as orders
    inner join named_numbers
        on orders.source_order_id = named_numbers.order_id
),

order_keys as (
    select
        source_system as asked_system,
        source_order_id as referred_number,
        order_id as conformed_id
    from named_orders

    union all

    select
        {{ any_system() }} as asked_system,
        source_order_id as referred_number,
        coalesce(min(delivered_order_id), min(order_id)) as conformed_id
    from named_orders
    group by source_order_id
    having count(delivered_order_id) = 1 or count(*) = 1
),

histories as (
    select
        opportunity_id,
        min(valid_from) as first_seen_on
    from states
    group by opportunity_id
),

last_states as (
    select
        states.*,
        histories.first_seen_on
    from states
    inner join histories
        on states.opportunity_id = histories.opportunity_id
    where states.valid_to is null
),

delivered as (
    select
        {{ conformed_key('opportunities.source_system', 'opportunities.opportunity_id') }} as opportunity_id,
        crosswalk.customer_id,
        {{ customer_reference_of('opportunities.customer_id', 'crosswalk.customer_id') }} as customer_reference,
        {{ referred_id('lead_keys') }} as lead_id,
        coalesce({{ referred_id('campaign_keys') }}, {{ unknown_member() }}) as campaign_id,
        {{ referred_id('order_keys') }} as order_id,
        opportunities.order_id is not null as has_order,
        opportunities.opened_day as opened_on,
        {{ counted_day('opportunities.closed_on', 'opportunities.delivered_on') }} as closed_on,
        coalesce(stage_names.stage, opportunities.stage) as delivered_stage
        {{- extension_columns(ref('stg_crm__opportunities'), alias='opportunities') }},
        opportunities.delivered_on
    from opportunities
    left join crosswalk
        on opportunities.customer_source_system = crosswalk.source_system
        and opportunities.customer_id = crosswalk.source_customer_id
    left join stage_names
        on opportunities.stage = stage_names.delivered_name
    {{ resolve_reference('lead_keys', 'opportunities.lead_id', 'opportunities.source_system') }}
    {{ resolve_reference('campaign_keys', 'opportunities.campaign_id', 'opportunities.source_system') }}
    {{ resolve_reference('order_keys', 'opportunities.order_id', 'opportunities.source_system', 'opportunities.order_source_system') }}
),

final as (
    select
        last_states.opportunity_id,
        last_states.source_system,
        coalesce(delivered.customer_id, {{ unattributed_customer() }}) as customer_id,
        coalesce(delivered.customer_reference, 'unnamed') as customer_reference,
        delivered.lead_id,
        coalesce(delivered.campaign_id, {{ unknown_member() }}) as campaign_id,
        campaigns.product_group,
        delivered.order_id,
        coalesce(delivered.opened_on, last_states.first_seen_on) as opened_on,
        case when last_states.stage_state <> 'open' then coalesce(delivered.closed_on, last_states.stage_since) end as closed_on,
        last_states.stage,
        last_states.stage_state,
        last_states.stage_state = 'open' as is_open,
        last_states.probability,
        last_states.currency_code,
        last_states.original_amount,
        last_states.amount,
        last_states.expected_close_on,
        last_states.sales_rep_id,
        last_states.territory_id,
        last_states.stage_order is null as is_stage_unknown,
        coalesce(delivered.delivered_stage <> last_states.stage, false) as is_stage_contradicted,
        last_states.stage_state <> 'open' and delivered.opportunity_id is not null and delivered.closed_on is null as is_close_day_missing,
        last_states.original_amount is not null and last_states.amount is null as is_without_exchange_rate,
        coalesce(delivered.has_order and delivered.order_id is null, false) as is_order_missing
        {{- extension_columns(ref('stg_crm__opportunities'), alias='delivered') }},
        delivered.delivered_on
    from last_states
    left join delivered
        on last_states.opportunity_id = delivered.opportunity_id
    left join campaigns
        on delivered.campaign_id = campaigns.campaign_id
)

select * from final

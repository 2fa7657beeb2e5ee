with

activity_costs as (
    select
        period,
        activity_id,
        sum(amount) as activity_amount
    from {{ ref('fct_cost_flows') }}
    where stage = 'activity_to_customer' and receiver = 'acquisition'
    group by
        period,
        activity_id
),

events as (
    select * from {{ ref('int_costing__activity_events') }}
    where is_acquisition
),

credits as (
    select
        customer_id,
        media_source,
        campaign_id
    from {{ ref('int_marketing__acquisition_credits') }}
    where attribution_model = 'first_touch'
),

lead_fees as (
    select
        {{ month_of('came_on') }} as month,
        media_source,
        campaign_id,
        fee_amount
    from {{ ref('int_marketing__leads') }}
    where fee_amount <> 0
),

-- Work that names no media source but a customer was done for whatever won the customer.
placed as (
    select
        events.period,
        events.activity_id,
        case when events.driver = 'media_spend' then 'media' else 'pre_sale' end as component,
        coalesce(events.media_source, credits.media_source, {{ unknown_member() }}) as media_source,
        coalesce(
            case when events.media_source is null then credits.campaign_id else events.campaign_id end, {{ unknown_member() }}
        ) as campaign_id,
        events.minutes
    from events
    left join credits
        on events.customer_id = credits.customer_id
),

grouped as (
    select
        period,
        activity_id,
        component,
        media_source,
        campaign_id,
        cast(sum(minutes) as decimal(18, 4)) as minutes
    from placed
    group by
        period,
        activity_id,
        component,
        media_source,
        campaign_id
),

weighed as (
    select
        grouped.*,
        activity_costs.activity_amount
    from grouped
    inner join activity_costs
        on grouped.period = activity_costs.period
        and grouped.activity_id = activity_costs.activity_id
),

split as (
    {{ allocate(
        'weighed', 'activity_amount', 'minutes', group_by=['period', 'activity_id'], ties=['component', 'media_source', 'campaign_id']
    ) }}
),

costs as (
    select
        period as month,
        media_source,
        campaign_id,
        component,
        allocated_amount as cost_amount
    from split

    union all

    select
        month,
        media_source,
        campaign_id,
        'lead_fees' as component,
        fee_amount as cost_amount
    from lead_fees
),

final as (
    select
        month,
        media_source,
        campaign_id,
        component,
        cast(sum(cost_amount) as {{ money_total() }}) as cost_amount
    from costs
    group by
        month,
        media_source,
        campaign_id,
        component
    having sum(cost_amount) <> 0
)

select * from final

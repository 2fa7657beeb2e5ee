-- depends_on: {{ ref('int_costing__rule_problems') }}
with

events as (
    select * from {{ ref('int_costing__driver_events') }}
),

periods as (
    select distinct month as period
    from {{ ref('int_costing__driver_events') }}
),

customers as (
    select
        customer_id,
        customer_kind
    from {{ ref('dim_customer') }}
),

drivers as (
    select * from {{ ref('activity_drivers') }}
),

activities as (
    select
        activity_id,
        waterfall_line
    from {{ ref('cost_activities') }}
),

equations as (
    select * from {{ ref('time_equations') }}
),

terms as (
    select
        periods.period,
        drivers.rule_id,
        drivers.activity_id,
        drivers.driver,
        drivers.channel_id,
        drivers.source_system,
        drivers.customer_kind,
        coalesce(activities.waterfall_line = 'acquisition', false) as is_acquisition,
        {{ minutes_by_condition('equations') }}
    from periods
    inner join drivers
        on {{ is_valid_in('drivers', 'periods.period') }}
    left join activities
        on drivers.activity_id = activities.activity_id
    left join equations
        on drivers.activity_id = equations.activity_id
        and {{ is_valid_in('equations', 'periods.period') }}
    group by
        periods.period,
        drivers.rule_id,
        drivers.activity_id,
        drivers.driver,
        drivers.channel_id,
        drivers.source_system,
        drivers.customer_kind,
        coalesce(activities.waterfall_line = 'acquisition', false)
),

described as (
    select
        events.*,
        customers.customer_kind,
        coalesce(customers.customer_kind = 'organisation', false) as is_organisation
    from events
    left join customers
        on events.customer_id = customers.customer_id
),

timed as (
    select
        terms.period,
        terms.rule_id,
        described.customer_id,
        described.order_id,
        described.product_id,
        -- What customers bear is not split by campaign: fct_activity_costs has a row an order and article.
        case when terms.is_acquisition or described.customer_id is null then described.campaign_id end as campaign_id,
        case when terms.is_acquisition or described.customer_id is null then described.media_source end as media_source,
        {{ minutes_of_event('described', 'terms') }} as minutes
    from described
    inner join terms
        on described.driver = terms.driver
        and described.month = terms.period
        and (terms.channel_id is null or described.channel_id = terms.channel_id)
        and (terms.source_system is null or described.source_system = terms.source_system)
        and (terms.customer_kind is null or described.customer_kind = terms.customer_kind)
),

-- In a month a rule stands for its driver and activity, so that nothing else is compared row by row.
summed as (
    select
        period,
        rule_id,
        customer_id,
        order_id,
        product_id,
        campaign_id,
        media_source,
        {{ rounded_total('sum(minutes)') }} as minutes
    from timed
    group by
        period,
        rule_id,
        customer_id,
        order_id,
        product_id,
        campaign_id,
        media_source
    having sum(minutes) <> 0
),

final as (
    select
        summed.period,
        summed.rule_id,
        terms.driver,
        terms.activity_id,
        terms.is_acquisition or summed.customer_id is null as is_acquisition,
        -- Whoever is no customer yet is won, or not: acquisition.
        coalesce(summed.customer_id, 'acquisition') as receiver,
        summed.customer_id,
        summed.order_id,
        summed.product_id,
        summed.campaign_id,
        summed.media_source,
        summed.minutes
    from summed
    inner join terms
        on summed.period = terms.period
        and summed.rule_id = terms.rule_id
)

select * from final

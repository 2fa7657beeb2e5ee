with

costs as (
    select
        period,
        activity_id,
        customer_id,
        practical_minutes,
        event_count,
        amount
    from {{ ref('fct_cost_flows') }}
    where stage = 'activity_to_customer' and receiver_kind = 'customer'
),

events as (
    select
        period,
        activity_id,
        customer_id,
        order_id,
        product_id,
        minutes
    from {{ ref('int_costing__activity_events') }}
    where customer_id is not null
),

activities as (
    select
        activity_id,
        waterfall_line
    from {{ ref('dim_activity') }}
),

-- Most customers have an activity done for them once a month: there is nothing to split.
alone as (
    select
        costs.period,
        costs.activity_id,
        costs.customer_id,
        events.order_id,
        events.product_id,
        events.minutes,
        costs.amount
    from costs
    inner join events
        on costs.period = events.period
        and costs.activity_id = events.activity_id
        and costs.customer_id = events.customer_id
    where costs.event_count = 1
),

weighed as (
    select
        costs.period,
        costs.activity_id,
        costs.customer_id,
        events.order_id,
        events.product_id,
        events.minutes,
        costs.practical_minutes,
        costs.amount as customer_amount
    from costs
    inner join events
        on costs.period = events.period
        and costs.activity_id = events.activity_id
        and costs.customer_id = events.customer_id
    where costs.event_count > 1
),

shared as (
    {{ allocate(
        'weighed', 'customer_amount', 'minutes', group_by=['period', 'activity_id', 'customer_id'],
        ties=["coalesce(order_id, '')", "coalesce(product_id, '')"], total='practical_minutes'
    ) }}
),

split as (
    select
        period,
        activity_id,
        customer_id,
        order_id,
        product_id,
        minutes,
        amount
    from alone

    union all

    select
        period,
        activity_id,
        customer_id,
        order_id,
        product_id,
        minutes,
        allocated_amount as amount
    from shared
),

final as (
    select
        split.period as month,
        split.activity_id,
        activities.waterfall_line,
        split.customer_id,
        split.order_id,
        split.product_id,
        split.minutes as practical_minutes,
        split.amount as cost_amount
    from split
    inner join activities
        on split.activity_id = activities.activity_id
)

select * from final

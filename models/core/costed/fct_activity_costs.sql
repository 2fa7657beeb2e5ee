with

costs as (
    select
        period,
        activity_id,
        customer_id,
        amount
    from {{ ref('int_costing__customer_flows') }}
    where receiver_kind = 'customer'
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

weighed as (
    select
        costs.period,
        costs.activity_id,
        costs.customer_id,
        costs.amount as customer_amount,
        events.order_id,
        events.product_id,
        events.minutes
    from costs
    inner join events
        on costs.period = events.period
        and costs.activity_id = events.activity_id
        and costs.customer_id = events.customer_id
),

split as (
    {{ allocate(
        'weighed', 'customer_amount', 'minutes', group_by=['period', 'activity_id', 'customer_id'],
        ties=["coalesce(order_id, '')", "coalesce(product_id, '')"]
    ) }}
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
        split.allocated_amount as cost_amount
    from split
    inner join activities
        on split.activity_id = activities.activity_id
)

select * from final

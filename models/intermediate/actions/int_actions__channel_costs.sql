with

activity_costs as (
    select
        activity_id,
        order_id,
        cost_amount
    from {{ ref('fct_activity_costs') }}
    where order_id is not null
),

drivers as (
    select distinct activity_id
    from {{ ref('activity_drivers') }}
    -- What the channel makes of an order: taking it and its lines, and the call about it. What every channel does stays out.
    where (driver in ('orders', 'order_lines') and channel_id is not null) or driver = 'calls'
),

orders as (
    select
        order_id,
        customer_id,
        channel_id,
        {{ month_of('ordered_on') }} as month
    from {{ ref('int_sales__orders') }}
    where customer_id <> {{ unattributed_customer() }} and channel_id is not null
),

calendar as (
    select
        as_of_month,
        {{ month_after('as_of_month', -11) }} as first_recent_month
    from {{ ref('int_calendar__as_of') }}
),

taking_costs as (
    select
        activity_costs.order_id,
        sum(activity_costs.cost_amount) as cost_amount
    from activity_costs
    inner join drivers
        on activity_costs.activity_id = drivers.activity_id
    group by activity_costs.order_id
),

final as (
    select
        orders.customer_id,
        orders.channel_id,
        count(*) as last_12m_order_count,
        cast(sum(coalesce(taking_costs.cost_amount, 0)) as decimal(18, 4)) as last_12m_order_taking_cost_amount
    from orders
    inner join calendar
        on orders.month >= calendar.first_recent_month
        and orders.month <= calendar.as_of_month
    left join taking_costs
        on orders.order_id = taking_costs.order_id
    group by
        orders.customer_id,
        orders.channel_id
)

select * from final

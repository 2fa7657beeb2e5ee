with

customers as (
    select * from {{ ref('action_customers') }}
),

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
    where customer_id <> {{ unattributed_customer() }} and channel_id is not null and is_void is not true
),

calendar as (
    select
        as_of,
        as_of_month,
        {{ month_after('as_of_month', -11) }} as first_recent_month
    from {{ ref('int_calendar__as_of') }}
),

-- What taking the orders cost, by customer and channel.
taking_costs as (
    select
        activity_costs.order_id,
        sum(activity_costs.cost_amount) as cost_amount
    from activity_costs
    inner join drivers
        on activity_costs.activity_id = drivers.activity_id
    group by activity_costs.order_id
),

channel_costs as (
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
),

reprice_parameters as (
    {{ action_parameters('N-400') }}
),

channel_parameters as (
    {{ action_parameters('N-410') }}
),

leakage_parameters as (
    {{ action_parameters('N-420') }}
),

-- A loss that another method or other times would turn is no reason to go to the customer.
repriced as (
    select
        customers.customer_id,
        customers.last_12m_order_count,
        cast(customers.last_12m_cost_to_serve_amount as double) / nullif(cast(customers.last_12m_gross_margin_amount as double), 0) as cost_share,
        -cast(customers.last_12m_customer_profit_amount as double) as loss_amount,
        limits.assumed_success * least(
            -cast(customers.last_12m_customer_profit_amount as double),
            limits.maximum_price_change * cast(customers.last_12m_net_revenue_amount as double)
        ) as expected_margin_amount
    from customers
    cross join reprice_parameters as limits
    where
        customers.status = 'active'
        and customers.stability = 'stable'
        and customers.customer_profit_amount < 0
        and customers.last_12m_customer_profit_amount < 0
        and customers.last_12m_net_revenue_amount > 0
        -- Without any gross margin every cost to serve is too much.
        and cast(customers.last_12m_cost_to_serve_amount as double)
        >= limits.minimum_cost_share * greatest(cast(customers.last_12m_gross_margin_amount as double), 0e0)
),

channels as (
    select
        channel_id,
        sum(last_12m_order_count) as order_count,
        cast(sum(last_12m_order_taking_cost_amount) as double) / sum(last_12m_order_count) as cost_per_order
    from channel_costs
    group by channel_id
),

ranked as (
    select
        channels.channel_id,
        channels.cost_per_order,
        row_number() over (order by round(channels.cost_per_order, 6), channels.channel_id) as cost_rank
    from channels
    cross join channel_parameters as limits
    where channels.order_count >= limits.minimum_channel_orders
),

-- One row, and an empty one where no channel has orders enough.
cheapest as (
    select
        max(channel_id) as channel_id,
        max(cost_per_order) as cost_per_order
    from ranked
    where cost_rank = 1
),

-- Each other channel, and the one that its orders would go by.
alternatives as (
    select
        channels.channel_id,
        cheapest.channel_id as cheapest_channel_id,
        cheapest.cost_per_order
    from channels
    inner join cheapest
        on channels.channel_id <> cheapest.channel_id
),

moved as (
    select
        channel_costs.customer_id,
        channel_costs.channel_id,
        alternatives.cheapest_channel_id,
        alternatives.cost_per_order,
        channel_costs.last_12m_order_count as order_count,
        cast(channel_costs.last_12m_order_taking_cost_amount as double) as cost_amount,
        cast(channel_costs.last_12m_order_taking_cost_amount as double) - channel_costs.last_12m_order_count * alternatives.cost_per_order as saved_amount,
        limits.assumed_success
    from channel_costs
    inner join customers
        on channel_costs.customer_id = customers.customer_id
    cross join channel_parameters as limits
    inner join alternatives
        on channel_costs.channel_id = alternatives.channel_id
    where customers.status = 'active' and channel_costs.last_12m_order_count >= limits.minimum_orders
),

leaking as (
    select
        customers.customer_id,
        customers.last_12m_order_count,
        cast(customers.last_12m_rebate_leakage_amount as double) as leakage_amount,
        cast(customers.last_12m_rebate_leakage_amount as double) / nullif(cast(customers.last_12m_net_revenue_amount as double), 0) as leakage_share,
        limits.assumed_success
    from customers
    cross join leakage_parameters as limits
    where customers.status = 'active' and customers.last_12m_rebate_leakage_amount >= limits.minimum_leakage
),

actions as (
    select
        'N-400' as rule_id,
        customer_id,
        cast(null as {{ dbt.type_string() }}) as action_target,
        'Loses ' || {{ amount_text('loss_amount') }} || ' in 12 months by both methods and under all time estimates; cost to serve takes '
        || coalesce(case when cost_share > 0 then {{ percent_text('cost_share') }} end, 'more than all') || ' of the gross margin' as reason,
        expected_margin_amount,
        last_12m_order_count as evidence_count,
        case when cost_share > 0 then cost_share end as evidence_rate,
        loss_amount as evidence_amount
    from repriced

    union all

    select
        'N-410' as rule_id,
        customer_id,
        channel_id || ' to ' || cheapest_channel_id as action_target,
        {{ count_text('order_count') }} || ' orders by ' || channel_id || ' cost ' || {{ amount_text('cost_amount') }} || ' to take; by '
        || cheapest_channel_id || ' an order costs ' || {{ amount_text('cost_per_order') }} || ' on average' as reason,
        assumed_success * saved_amount as expected_margin_amount,
        order_count as evidence_count,
        saved_amount / nullif(cost_amount, 0) as evidence_rate,
        cost_amount as evidence_amount
    from moved
    where saved_amount > 0

    union all

    select
        'N-420' as rule_id,
        customer_id,
        cast(null as {{ dbt.type_string() }}) as action_target,
        'Was paid ' || {{ amount_text('leakage_amount') }} || ' of rebates in 12 months on goods that came back' as reason,
        assumed_success * leakage_amount as expected_margin_amount,
        last_12m_order_count as evidence_count,
        case when leakage_share > 0 then leakage_share end as evidence_rate,
        leakage_amount as evidence_amount
    from leaking
),

final as (
    select
        {{ action_key('rule_id', 'customer_id', "coalesce(action_target, '')") }} as action_id,
        rule_id,
        customer_id,
        cast(null as {{ dbt.type_string() }}) as lead_id,
        action_target,
        reason,
        {{ expected_money('expected_margin_amount') }} as expected_margin_amount,
        cast(evidence_count as bigint) as evidence_count,
        evidence_rate,
        {{ expected_money('evidence_amount') }} as evidence_amount,
        (select calendar.as_of from calendar) as as_of
    from actions
)

select * from final

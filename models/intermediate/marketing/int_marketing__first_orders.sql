with

order_lines as (
    select
        customer_id,
        order_id,
        ordered_on,
        channel_id,
        campaign_id
    from {{ ref('fct_order_lines') }}
    where
        customer_id <> {{ unattributed_customer() }}
        and order_id is not null
),

first_days as (
    select
        customer_id,
        min(ordered_on) as first_ordered_on
    from order_lines
    group by customer_id
),

-- Of several orders of the first day the one with the lowest number stands for all.
first_orders as (
    select
        order_lines.customer_id,
        first_days.first_ordered_on,
        min(order_lines.order_id) as first_order_id
    from order_lines
    inner join first_days
        on order_lines.customer_id = first_days.customer_id
        and order_lines.ordered_on = first_days.first_ordered_on
    group by
        order_lines.customer_id,
        first_days.first_ordered_on
),

final as (
    select
        first_orders.customer_id,
        first_orders.first_order_id,
        first_orders.first_ordered_on,
        {{ month_of('first_orders.first_ordered_on') }} as first_order_month,
        min(order_lines.channel_id) as channel_id,
        min(order_lines.campaign_id) as campaign_id
    from first_orders
    inner join order_lines
        on first_orders.customer_id = order_lines.customer_id
        and first_orders.first_order_id = order_lines.order_id
    group by
        first_orders.customer_id,
        first_orders.first_order_id,
        first_orders.first_ordered_on
)

select * from final

with

orders as (
    select
        *,
        -- The day of the first order tells a new customer; nobody knows it of an unattributed order.
        ordered_on = min(ordered_on) over (partition by customer_id) and customer_id <> {{ unattributed_customer() }} as is_first,
        currency_code <> {{ reporting_currency() }} as is_foreign
    from {{ ref('int_sales__orders') }}
),

order_lines as (
    select * from {{ ref('fct_order_lines') }}
    where order_id is not null
),

returns as (
    select * from {{ ref('fct_returns') }}
),

shipments as (
    select
        *,
        coalesce(shipped_on, delivered_on) as counted_on
    from {{ ref('int_sales__freight') }}
),

redemptions as (
    select
        *,
        coalesce(claimed_on, paid_on, delivered_on) as counted_on
    from {{ ref('fct_promotion_redemptions') }}
),

lines_of_orders as (
    select
        order_lines.*,
        orders.has_special_packaging,
        orders.is_first,
        orders.is_foreign
    from order_lines
    inner join orders
        on order_lines.order_id = orders.order_id
),

shipments_of_orders as (
    select
        shipments.*,
        coalesce(orders.has_special_packaging, false) and shipments.direction = 'outbound' as has_special_packaging,
        orders.channel_id,
        orders.is_first,
        orders.is_foreign
    from shipments
    left join orders
        on shipments.order_id = orders.order_id
),

active_channels as (
    select distinct
        customer_id,
        channel_id,
        {{ month_of('ordered_on') }} as month
    from orders
    where customer_id <> {{ unattributed_customer() }}
),

final as (
    select
        {{ driver_event({
            'month': month_of('ordered_on'), 'driver': "'orders'", 'source_system': 'source_system', 'channel_id': 'channel_id',
            'customer_id': 'customer_id', 'order_id': 'order_id', 'has_special_packaging': 'coalesce(has_special_packaging, false)',
            'is_new_customer': 'is_first', 'is_foreign_order': 'is_foreign',
        }) }}
    from orders

    union all

    select
        {{ driver_event({
            'month': 'month', 'driver': "'order_lines'", 'source_system': 'source_system', 'channel_id': 'channel_id',
            'customer_id': 'customer_id', 'order_id': 'order_id', 'product_id': 'product_id',
            'has_special_packaging': 'coalesce(has_special_packaging, false)', 'is_new_customer': 'is_first', 'is_foreign_order': 'is_foreign',
        }) }}
    from lines_of_orders

    union all

    select
        {{ driver_event({
            'month': 'month', 'driver': "'units'", 'source_system': 'source_system', 'channel_id': 'channel_id',
            'customer_id': 'customer_id', 'order_id': 'order_id', 'product_id': 'product_id', 'quantity': 'quantity',
            'has_special_packaging': 'coalesce(has_special_packaging, false)', 'is_new_customer': 'is_first', 'is_foreign_order': 'is_foreign',
        }) }}
    from lines_of_orders
    where quantity > 0

    union all

    select
        {{ driver_event({
            'month': 'month', 'driver': "'sales_amount'", 'source_system': 'source_system', 'channel_id': 'channel_id',
            'customer_id': 'customer_id', 'order_id': 'order_id', 'product_id': 'product_id', 'quantity': 'net_sales_amount',
            'has_special_packaging': 'coalesce(has_special_packaging, false)', 'is_new_customer': 'is_first', 'is_foreign_order': 'is_foreign',
        }) }}
    from lines_of_orders
    where net_sales_amount > 0

    union all

    select
        {{ driver_event({
            'month': 'month', 'driver': "'returns'", 'source_system': 'source_system', 'channel_id': 'channel_id',
            'customer_id': 'customer_id', 'order_id': 'order_id', 'product_id': 'product_id',
        }) }}
    from returns

    union all

    select
        {{ driver_event({
            'month': month_of('counted_on'), 'driver': "'shipments'", 'source_system': 'source_system', 'channel_id': 'channel_id',
            'customer_id': 'customer_id', 'order_id': 'order_id', 'has_special_packaging': 'has_special_packaging',
            'is_air_freight': "coalesce(ship_mode = 'air', false)", 'is_new_customer': 'coalesce(is_first, false)',
            'is_foreign_order': 'coalesce(is_foreign, false)',
        }) }}
    from shipments_of_orders

    union all

    select
        {{ driver_event({
            'month': month_of('counted_on'), 'driver': "'rebate_claims'", 'source_system': 'source_system',
            'customer_id': 'customer_id', 'order_id': 'order_id', 'product_id': 'product_id',
        }) }}
    from redemptions

    union all

    select
        {{ driver_event({
            'month': 'month', 'driver': "'active_channel_months'", 'channel_id': 'channel_id', 'customer_id': 'customer_id',
        }) }}
    from active_channels

    union all

    select distinct
        {{ driver_event({'month': 'month', 'driver': "'active_months'", 'customer_id': 'customer_id'}) }}
    from active_channels
)

select * from final

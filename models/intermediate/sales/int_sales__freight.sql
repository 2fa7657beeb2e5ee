with

shipments as (
    select
        source_system,
        shipment_id,
        direction,
        ship_mode,
        order_id,
        order_source_system,
        return_id,
        return_source_system,
        {{ counted_day('shipped_on', 'delivered_on') }} as shipped_on,
        {{ is_impossible_day('shipped_on', 'delivered_on') }} as is_redated,
        promised_on,
        arrived_on,
        freight_amount,
        has_freight_amount,
        currency_code,
        delivered_on
    from {{ ref('stg_sales__shipments') }}
),

orders as (
    select
        source_system,
        source_order_id,
        order_id,
        customer_id,
        order_status
    from {{ ref('int_sales__orders') }}
),

returns as (
    select
        source_system,
        source_return_id,
        order_id,
        order_status,
        customer_id
    from {{ ref('int_sales__returns') }}
),

exchange_rates as (
    select
        currency_code,
        calendar_date,
        exchange_rate
    from {{ ref('int_finance__daily_exchange_rates') }}
),

final as (
    select
        {{ conformed_key('shipments.source_system', 'shipments.shipment_id') }} as shipment_id,
        shipments.source_system,
        shipments.direction,
        shipments.ship_mode,
        coalesce(orders.order_id, returns.order_id) as order_id,
        coalesce(orders.order_status, returns.order_status) as order_status,
        coalesce(nullif(returns.customer_id, {{ unattributed_customer() }}), orders.customer_id, {{ unattributed_customer() }}) as customer_id,
        shipments.shipped_on,
        shipments.is_redated,
        shipments.promised_on,
        shipments.arrived_on,
        {{ days_after('shipments.arrived_on', 'shipments.promised_on') }} as days_late,
        shipments.freight_amount as freight_original_amount,
        shipments.has_freight_amount,
        shipments.currency_code,
        {{ to_reporting_currency('shipments.freight_amount', 'shipments.currency_code', 'exchange_rates.exchange_rate') }} as freight_amount,
        shipments.delivered_on
    from shipments
    left join orders
        on shipments.order_source_system = orders.source_system
        and shipments.order_id = orders.source_order_id
    left join returns
        on shipments.return_source_system = returns.source_system
        and shipments.return_id = returns.source_return_id
    left join exchange_rates
        on shipments.currency_code = exchange_rates.currency_code
        and shipments.shipped_on = exchange_rates.calendar_date
)

select * from final

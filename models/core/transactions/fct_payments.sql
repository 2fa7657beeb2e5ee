with

payments as (
    select
        *,
        {{ counted_day('paid_on', 'delivered_on') }} as counted_on,
        {{ is_impossible_day('paid_on', 'delivered_on') }} as is_redated
    from {{ ref('stg_finance__payments') }}
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

crosswalk as (
    select
        source_system,
        source_customer_id,
        customer_id
    from {{ ref('customer_crosswalk') }}
    where record_kind = 'customer'
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
        {{ conformed_key('payments.source_system', 'payments.payment_id') }} as payment_id,
        payments.source_system,
        orders.order_id,
        coalesce(crosswalk.customer_id, orders.customer_id, {{ unattributed_customer() }}) as customer_id,
        {{ customer_reference_of('payments.customer_id', 'coalesce(crosswalk.customer_id, orders.customer_id)') }} as customer_reference,
        payments.payment_kind,
        payments.payment_method,
        payments.counted_on as paid_on,
        {{ month_of('payments.counted_on') }} as month,
        payments.currency_code,
        exchange_rates.exchange_rate,
        payments.amount as original_amount,
        payments.fee_amount as fee_original_amount,
        {{ to_reporting_currency('payments.amount', 'payments.currency_code', 'exchange_rates.exchange_rate') }} as payment_amount,
        {{ to_reporting_currency('payments.fee_amount', 'payments.currency_code', 'exchange_rates.exchange_rate') }} as fee_amount,
        {{ is_convertible('payments.currency_code', 'exchange_rates.exchange_rate') }} as has_exchange_rate,
        payments.has_fee_amount,
        payments.is_redated,
        orders.order_status
        {{- extension_columns(ref('stg_finance__payments'), alias='payments') }},
        payments.delivered_on
    from payments
    left join orders
        on payments.order_source_system = orders.source_system
        and payments.order_id = orders.source_order_id
    left join crosswalk
        on payments.customer_source_system = crosswalk.source_system
        and payments.customer_id = crosswalk.source_customer_id
    left join exchange_rates
        on payments.currency_code = exchange_rates.currency_code
        and payments.counted_on = exchange_rates.calendar_date
)

select * from final

with

tickets as (
    select * from {{ ref('stg_service__tickets') }}
),

claims as (
    select * from {{ ref('stg_service__warranty_claims') }}
),

crosswalk as (
    select
        source_system,
        source_customer_id,
        customer_id
    from {{ ref('int_identity__customer_records') }}
),

exchange_rates as (
    select
        currency_code,
        calendar_date,
        exchange_rate
    from {{ ref('int_finance__daily_exchange_rates') }}
),

payments as (
    select * from {{ ref('fct_payments') }}
),

product_keys as (
    select * from {{ ref('int_references__keys') }}
    where entity = 'product'
),

asked as (
    select
        'tickets' as driver,
        source_system,
        channel as channel_id,
        customer_source_system,
        customer_id as source_customer_id,
        product_source_system,
        product_id as product_number,
        opened_on as counted_on,
        handling_minutes,
        cast(0 as decimal(18, 4)) as parts_amount,
        cast(null as {{ dbt.type_string() }}) as currency_code
    from tickets

    union all

    select
        'warranty_claims' as driver,
        source_system,
        cast(null as {{ dbt.type_string() }}) as channel_id,
        customer_source_system,
        customer_id as source_customer_id,
        product_source_system,
        product_id as product_number,
        claimed_on as counted_on,
        handling_minutes,
        -- A claim that is refused costs time, but no parts of ours.
        case when is_accepted then parts_amount else 0 end as parts_amount,
        currency_code
    from claims
),

resolved as (
    select
        asked.*,
        coalesce(crosswalk.customer_id, {{ unattributed_customer() }}) as customer_id,
        {{ referred_id('product_keys') }} as product_id,
        {{ to_reporting_currency('asked.parts_amount', 'asked.currency_code', 'exchange_rates.exchange_rate') }} as parts_reporting_amount
    from asked
    left join crosswalk
        on asked.customer_source_system = crosswalk.source_system
        and asked.source_customer_id = crosswalk.source_customer_id
    {{ resolve_reference('product_keys', 'asked.product_number', 'asked.source_system', 'asked.product_source_system') }}
    left join exchange_rates
        on asked.currency_code = exchange_rates.currency_code
        and asked.counted_on = exchange_rates.calendar_date
),

final as (
    select
        {{ driver_event({
            'month': month_of('counted_on'), 'driver': 'driver', 'source_system': 'source_system', 'channel_id': 'channel_id',
            'customer_id': 'customer_id', 'product_id': 'product_id', 'measured_minutes': 'coalesce(handling_minutes, 0)',
        }) }}
    from resolved

    union all

    select
        {{ driver_event({
            'month': month_of('counted_on'), 'driver': "'warranty_parts'", 'source_system': 'source_system',
            'customer_id': 'customer_id', 'product_id': 'product_id', 'quantity': 'parts_reporting_amount',
        }) }}
    from resolved
    where parts_reporting_amount > 0

    union all

    select
        {{ driver_event({
            'month': 'month', 'driver': "'payments'", 'source_system': 'source_system', 'customer_id': 'customer_id',
            'order_id': 'order_id', 'is_by_invoice': "coalesce(payment_method = 'invoice', false)",
        }) }}
    from payments
)

select * from final

with

subscriptions as (
    select * from {{ ref('stg_sales__subscriptions') }}
    where term_months > 0
),

crosswalk as (
    select
        source_system,
        source_customer_id,
        customer_id
    from {{ ref('customer_crosswalk') }}
    where record_kind = 'customer'
),

product_keys as (
    select * from {{ ref('int_references__keys') }}
    where entity = 'product'
),

exchange_rates as (
    select
        currency_code,
        calendar_date,
        exchange_rate
    from {{ ref('int_finance__daily_exchange_rates') }}
),

placed as (
    select
        subscriptions.*,
        coalesce(crosswalk.customer_id, {{ unattributed_customer() }}) as enterprise_customer_id,
        {{ referred_id('product_keys') }} as conformed_product_id
    from subscriptions
    left join crosswalk
        on subscriptions.customer_source_system = crosswalk.source_system
        and subscriptions.customer_id = crosswalk.source_customer_id
    {{ resolve_reference('product_keys', 'subscriptions.product_id', 'subscriptions.source_system', 'subscriptions.product_source_system') }}
),

final as (
    select
        {{ conformed_key('placed.source_system', 'placed.subscription_id') }} as subscription_id,
        placed.enterprise_customer_id as customer_id,
        placed.conformed_product_id as product_id,
        placed.started_on,
        placed.cancelled_on,
        cast(placed.term_months as integer) as term_months,
        {{ to_reporting_currency('placed.term_amount', 'placed.currency_code', 'exchange_rates.exchange_rate') }} as term_amount
    from placed
    left join exchange_rates
        on placed.currency_code = exchange_rates.currency_code
        and placed.started_on = exchange_rates.calendar_date
)

select * from final

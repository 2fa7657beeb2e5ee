with

versions as (
    select * from {{ source('finance', 'payments') }}
),

newest as (
    {{ newest_version('versions', ['payment_id']) }}
),

final as (
    select
        source_system,
        payment_id,
        customer_id,
        coalesce(customer_source_system, source_system) as customer_source_system,
        order_id,
        coalesce(order_source_system, source_system) as order_source_system,
        coalesce(nullif(lower({{ trimmed('payment_kind') }}), ''), 'receipt') as payment_kind,
        nullif(lower({{ trimmed('payment_method') }}), '') as payment_method,
        paid_on,
        amount,
        coalesce(fee_amount, 0) as fee_amount,
        fee_amount is not null as has_fee_amount,
        coalesce(nullif(upper({{ trimmed('currency_code') }}), ''), {{ reporting_currency() }}) as currency_code
        {{- extension_columns(source('finance', 'payments')) }},
        delivered_on
    from newest
)

select * from final

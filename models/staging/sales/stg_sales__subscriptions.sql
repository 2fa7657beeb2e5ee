with

versions as (
    select * from {{ source('sales', 'subscriptions') }}
),

newest as (
    {{ newest_version('versions', ['subscription_id']) }}
),

final as (
    select
        source_system,
        subscription_id,
        customer_id,
        coalesce(customer_source_system, source_system) as customer_source_system,
        product_id,
        product_source_system,
        started_on,
        term_months,
        renewal_count,
        next_renewal_on,
        cancelled_on,
        term_amount,
        coalesce(nullif(upper({{ trimmed('currency_code') }}), ''), {{ reporting_currency() }}) as currency_code
        {{- extension_columns(source('sales', 'subscriptions')) }},
        delivered_on
    from newest
)

select * from final

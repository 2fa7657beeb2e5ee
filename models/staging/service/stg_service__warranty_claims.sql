with

versions as (
    select * from {{ source('service', 'warranty_claims') }}
),

newest as (
    {{ newest_version('versions', ['warranty_claim_id']) }}
),

final as (
    select
        source_system,
        warranty_claim_id,
        customer_id,
        coalesce(customer_source_system, source_system) as customer_source_system,
        order_line_id,
        coalesce(order_source_system, source_system) as order_source_system,
        product_id,
        product_source_system,
        claimed_on,
        is_accepted,
        handling_minutes,
        coalesce(parts_amount, 0) as parts_amount,
        parts_amount is not null as has_parts_amount,
        coalesce(nullif(upper({{ trimmed('currency_code') }}), ''), {{ reporting_currency() }}) as currency_code
        {{- extension_columns(source('service', 'warranty_claims')) }},
        delivered_on
    from newest
)

select * from final

with

versions as (
    select * from {{ source('sales', 'shipments') }}
),

newest as (
    {{ newest_version('versions', ['shipment_id']) }}
),

final as (
    select
        source_system,
        shipment_id,
        nullif(lower({{ trimmed('direction') }}), '') as direction,
        order_id,
        coalesce(order_source_system, source_system) as order_source_system,
        return_id,
        coalesce(return_source_system, source_system) as return_source_system,
        shipped_on,
        nullif(lower({{ trimmed('ship_mode') }}), '') as ship_mode,
        promised_on,
        arrived_on,
        coalesce(freight_amount, 0) as freight_amount,
        freight_amount is not null as has_freight_amount,
        coalesce(nullif(upper({{ trimmed('currency_code') }}), ''), {{ reporting_currency() }}) as currency_code
        {{- extension_columns(source('sales', 'shipments')) }},
        delivered_on
    from newest
)

select * from final

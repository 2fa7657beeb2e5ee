with

versions as (
    select * from {{ source('finance', 'product_costs') }}
),

newest as (
    {{ newest_version('versions', ['product_id', 'valid_from']) }}
),

final as (
    select
        source_system,
        product_id,
        valid_from,
        product_source_system,
        unit_cost_amount,
        coalesce(nullif(upper({{ trimmed('currency_code') }}), ''), {{ reporting_currency() }}) as currency_code
        {{- extension_columns(source('finance', 'product_costs')) }},
        delivered_on
    from newest
)

select * from final

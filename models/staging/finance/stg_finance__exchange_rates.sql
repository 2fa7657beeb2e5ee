with

versions as (
    -- The key is standardised before versions are compared, so that 'eur' corrects 'EUR'.
    select
        source_system,
        upper({{ trimmed('from_currency_code') }}) as from_currency_code,
        upper({{ trimmed('to_currency_code') }}) as to_currency_code,
        rate_on,
        exchange_rate,
        is_deleted,
        delivery_id
        {{- extension_columns(source('finance', 'exchange_rates')) }},
        delivered_on
    from {{ source('finance', 'exchange_rates') }}
),

newest as (
    {{ newest_version('versions', ['from_currency_code', 'to_currency_code', 'rate_on']) }}
),

final as (
    select
        source_system,
        from_currency_code,
        to_currency_code,
        rate_on,
        exchange_rate
        {{- extension_columns(source('finance', 'exchange_rates')) }},
        delivered_on
    from newest
)

select * from final

with

versions as (
    select * from {{ source('finance', 'ledger_entries') }}
),

newest as (
    {{ newest_version('versions', ['ledger_entry_id']) }}
),

final as (
    select
        source_system,
        ledger_entry_id,
        journal_id,
        account_id,
        posted_on,
        amount,
        coalesce(nullif(upper({{ trimmed('currency_code') }}), ''), {{ reporting_currency() }}) as currency_code,
        cost_centre,
        department,
        territory_id,
        posting_text,
        is_closing
        {{- extension_columns(source('finance', 'ledger_entries')) }},
        delivered_on
    from newest
)

select * from final

with

entries as (
    select
        *,
        {{ counted_day('posted_on', 'delivered_on', ledger_days_ahead()) }} as counted_on,
        {{ is_impossible_day('posted_on', 'delivered_on', ledger_days_ahead()) }} as is_redated
    from {{ ref('stg_finance__ledger_entries') }}
),

accounts as (
    select
        ledger_account_id,
        source_system,
        source_account_id,
        waterfall_line
    from {{ ref('dim_ledger_account') }}
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
        {{ conformed_key('entries.source_system', 'entries.ledger_entry_id') }} as ledger_entry_id,
        entries.source_system,
        entries.journal_id,
        coalesce(accounts.ledger_account_id, {{ unknown_member() }}) as ledger_account_id,
        coalesce(accounts.waterfall_line, 'indirect_cost') as waterfall_line,
        entries.counted_on as posted_on,
        {{ month_of('entries.counted_on') }} as month,
        entries.amount as original_amount,
        entries.currency_code,
        {{ to_reporting_currency('entries.amount', 'entries.currency_code', 'exchange_rates.exchange_rate') }} as amount,
        entries.cost_centre,
        entries.department,
        entries.territory_id as source_territory_id,
        entries.is_redated
        {{- extension_columns(ref('stg_finance__ledger_entries'), alias='entries') }},
        entries.delivered_on
    from entries
    left join accounts
        on entries.source_system = accounts.source_system
        and entries.account_id = accounts.source_account_id
    left join exchange_rates
        on entries.currency_code = exchange_rates.currency_code
        and entries.counted_on = exchange_rates.calendar_date
)

select * from final

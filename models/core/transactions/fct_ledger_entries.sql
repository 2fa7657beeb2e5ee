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
        account_type,
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

-- Systems that say themselves which postings close the books, with the first fiscal year of which they do.
stating as (
    select
        source_system,
        min({{ fiscal_year_of('counted_on') }}) as first_year
    from entries
    where is_closing is not null
    group by source_system
),

placed as (
    select
        entries.*,
        coalesce(accounts.ledger_account_id, {{ unknown_member() }}) as ledger_account_id,
        coalesce(accounts.account_type, {{ unknown_member() }}) as account_type,
        coalesce(accounts.waterfall_line, 'indirect_cost') as account_line,
        coalesce({{ fiscal_year_of('entries.counted_on') }} >= stating.first_year, false) as is_stated
    from entries
    left join accounts
        on entries.source_system = accounts.source_system
        and entries.account_id = accounts.source_account_id
    left join stating
        on entries.source_system = stating.source_system
),

postings as (
    select
        source_system,
        journal_id,
        account_id,
        account_type,
        currency_code,
        counted_on as posted_on,
        amount
    from placed
    where not is_stated
),

closing as (
    {{ closing_journals('postings') }}
),

judged as (
    select
        placed.*,
        case when placed.is_stated then coalesce(placed.is_closing, false) else coalesce(closing.is_closing, false) end as closes,
        coalesce(not closing.is_closing, false) as is_closing_doubtful
    from placed
    left join closing
        on placed.source_system = closing.source_system
        and placed.journal_id = closing.journal_id
),

final as (
    select
        {{ conformed_key('judged.source_system', 'judged.ledger_entry_id') }} as ledger_entry_id,
        judged.source_system,
        judged.journal_id,
        judged.ledger_account_id,
        -- What closes the books is neither cost nor revenue.
        case when judged.closes and judged.account_line not in ('none', 'non_operating') then 'closing_entries' else judged.account_line end
            as waterfall_line,
        judged.counted_on as posted_on,
        {{ month_of('judged.counted_on') }} as month,
        judged.amount as original_amount,
        judged.currency_code,
        {{ to_reporting_currency('judged.amount', 'judged.currency_code', 'exchange_rates.exchange_rate') }} as amount,
        judged.cost_centre,
        judged.department,
        judged.territory_id as source_territory_id,
        judged.closes as is_closing,
        judged.is_closing_doubtful,
        judged.is_redated
        {{- extension_columns(ref('stg_finance__ledger_entries'), alias='judged') }},
        judged.delivered_on
    from judged
    left join exchange_rates
        on judged.currency_code = exchange_rates.currency_code
        and judged.counted_on = exchange_rates.calendar_date
)

select * from final

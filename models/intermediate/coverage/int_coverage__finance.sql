with

final as (
    {{ feed_coverage('stg_finance__ledger_accounts', 'finance.ledger_accounts') }}

    union all

    {{ feed_coverage('stg_finance__ledger_entries', 'finance.ledger_entries', 'posted_on') }}

    union all

    {{ feed_coverage('stg_finance__product_costs', 'finance.product_costs', 'valid_from') }}

    union all

    {{ feed_coverage('stg_finance__payments', 'finance.payments', 'paid_on') }}

    union all

    {{ feed_coverage('stg_finance__exchange_rates', 'finance.exchange_rates', 'rate_on') }}

    union all

    {{ feed_coverage('stg_finance__budgets', 'finance.budgets', 'budget_month') }}
)

select * from final

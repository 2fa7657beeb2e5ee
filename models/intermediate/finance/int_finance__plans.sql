with

budgets as (
    select
        *,
        coalesce(scenario, 'budget') as plan
    from {{ ref('stg_finance__budgets') }}
    where coalesce(scenario, 'budget') in ('budget', 'market')
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

ledger_entries as (
    select
        ledger_account_id,
        amount
    from {{ ref('fct_ledger_entries') }}
    where waterfall_line <> 'closing_entries'
),

sides as (
    {{ account_sides('accounts', 'ledger_entries') }}
),

-- A number that one system alone knows is found whoever asks.
only_accounts as (
    select
        source_account_id,
        min(ledger_account_id) as ledger_account_id
    from accounts
    group by source_account_id
    having count(*) = 1
),

exchange_rates as (
    select
        currency_code,
        calendar_date,
        exchange_rate
    from {{ ref('int_finance__daily_exchange_rates') }}
),

-- A plan reaches beyond the days of which rates are known: the nearest one stands for them.
rate_spans as (
    select
        currency_code,
        min(calendar_date) as first_date,
        max(calendar_date) as last_date
    from exchange_rates
    group by currency_code
),

placed as (
    select
        budgets.*,
        coalesce(own_accounts.ledger_account_id, only_accounts.ledger_account_id, {{ unknown_member() }}) as ledger_account_id,
        greatest(least(budgets.budget_month, rate_spans.last_date), rate_spans.first_date) as rate_date
    from budgets
    left join accounts as own_accounts
        on budgets.source_system = own_accounts.source_system
        and budgets.account_id = own_accounts.source_account_id
    left join only_accounts
        on budgets.account_id = only_accounts.source_account_id
    left join rate_spans
        on budgets.currency_code = rate_spans.currency_code
),

final as (
    select
        {{ conformed_key('placed.source_system', 'placed.budget_id') }} as plan_row_id,
        placed.plan,
        placed.budget_month as month,
        case when placed.account_id is not null then placed.ledger_account_id end as ledger_account_id,
        sides.account_type,
        sides.waterfall_line,
        sides.effect,
        placed.department,
        placed.driver,
        case when placed.driver is not null then placed.quantity end as quantity,
        placed.product_group,
        placed.channel as channel_id,
        {{ to_reporting_currency('placed.amount', 'placed.currency_code', 'exchange_rates.exchange_rate') }} as amount,
        -- A price of one unit keeps its decimals: it is rounded where it has become an amount.
        cast(placed.unit_price_amount as double)
        * case when placed.currency_code = {{ reporting_currency() }} then 1 else cast(exchange_rates.exchange_rate as double) end
            as unit_price_amount
    from placed
    left join sides
        on placed.ledger_account_id = sides.ledger_account_id
    left join exchange_rates
        on placed.currency_code = exchange_rates.currency_code
        and placed.rate_date = exchange_rates.calendar_date
    -- Without an account: the size of the market, or the minutes that a pool is to be used.
    where placed.account_id is not null or placed.driver is not null
)

select * from final

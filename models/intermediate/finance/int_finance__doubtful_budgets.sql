with

budgets as (
    select
        *,
        coalesce(scenario, 'budget') as plan
    from {{ ref('stg_finance__budgets') }}
),

plans as (
    select
        plan_row_id,
        ledger_account_id,
        amount
    from {{ ref('int_finance__plans') }}
),

pools as (
    select pool_id
    from {{ ref('cost_pools') }}
),

-- Which rows without an account are targets: those of a representative, of a territory, or all of a scenario.
targets as (
    select
        scenario,
        max(case when unit_kind = 'company' then 1 else 0 end) = 1 as is_of_company,
        max(case when unit_kind = 'sales_rep' then 1 else 0 end) = 1 as is_of_sales_rep,
        max(case when unit_kind = 'territory' then 1 else 0 end) = 1 as is_of_territory
    from {{ ref('delivered_targets') }}
    where coalesce(waterfall_line, '') = ''
    group by scenario
),

sales_rep_keys as (
    select * from {{ ref('int_references__keys') }}
    where entity = 'sales_rep'
),

territory_keys as (
    select * from {{ ref('int_references__keys') }}
    where entity = 'territory'
),

judged as (
    select
        {{ conformed_key('budgets.source_system', 'budgets.budget_id') }} as budget_id,
        budgets.source_system,
        budgets.budget_month as month,
        budgets.amount as original_amount,
        budgets.currency_code,
        coalesce(plans.ledger_account_id = {{ unknown_member() }}, false) as is_account_unknown,
        plans.plan_row_id is not null and plans.amount is null as is_without_exchange_rate,
        budgets.account_id is not null
        or coalesce(budgets.plan in ('budget', 'market') and budgets.driver = 'market', false)
        -- A pool that is planned is planned in minutes.
        or (budgets.plan = 'budget' and pools.pool_id is not null and budgets.quantity is not null)
        or coalesce(targets.is_of_company, false)
        -- A target of somebody or something that nobody knows, or no longer, is none.
        or (coalesce(targets.is_of_sales_rep, false) and {{ referred_id('sales_rep_keys') }} is not null)
        or (coalesce(targets.is_of_territory, false) and {{ referred_id('territory_keys') }} is not null and budgets.sales_rep_id is null)
            as is_used
    from budgets
    left join plans
        on {{ conformed_key('budgets.source_system', 'budgets.budget_id') }} = plans.plan_row_id
    left join pools
        on budgets.driver = pools.pool_id
    left join targets
        on budgets.scenario = targets.scenario
    {{ resolve_reference('sales_rep_keys', 'budgets.sales_rep_id', 'budgets.source_system') }}
    {{ resolve_reference('territory_keys', 'budgets.territory_id', 'budgets.source_system') }}
),

final as (
    select
        budget_id,
        source_system,
        month,
        original_amount,
        currency_code,
        is_account_unknown,
        is_without_exchange_rate,
        not is_used as is_unused
    from judged
    where not is_used or is_account_unknown or is_without_exchange_rate
)

select * from final

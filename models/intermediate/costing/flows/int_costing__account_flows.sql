-- depends_on: {{ ref('int_costing__rule_problems') }}
with

entries as (
    select
        month,
        ledger_account_id,
        waterfall_line,
        coalesce(cost_centre, '') as cost_centre,
        coalesce(department, '') as department,
        coalesce(source_territory_id, '') as territory_id,
        amount
    from {{ ref('fct_ledger_entries') }}
    where waterfall_line in ('indirect_cost', 'cost_of_goods', 'commission', 'payment_fees', 'freight', 'lead_fees')
),

-- What rules can tell apart.
cells as (
    select
        month,
        ledger_account_id,
        waterfall_line,
        cost_centre,
        department,
        territory_id,
        cast(coalesce(sum(amount), 0) as decimal(18, 4)) as amount
    from entries
    group by
        month,
        ledger_account_id,
        waterfall_line,
        cost_centre,
        department,
        territory_id
),

rules as (
    select
        rule_id,
        ledger_account_id,
        cost_centre,
        department,
        territory_id,
        pool_id,
        valid_from,
        valid_to,
        -- Twelve decimals of a share as a whole number: allocate takes weights of four decimals.
        cast(share * 1000000000000 as decimal(18, 4)) as share_weight,
        case when ledger_account_id is not null then 8 else 0 end
        + case when cost_centre is not null then 4 else 0 end
        + case when department is not null then 2 else 0 end
        + case when territory_id is not null then 1 else 0 end as precision_rank
    from {{ ref('account_rules') }}
),

matches as (
    select
        cells.month,
        cells.ledger_account_id,
        cells.cost_centre,
        cells.department,
        cells.territory_id,
        cells.amount,
        rules.rule_id,
        rules.pool_id,
        rules.share_weight,
        rules.precision_rank,
        max(rules.precision_rank) over (
            partition by cells.month, cells.ledger_account_id, cells.cost_centre, cells.department, cells.territory_id
        ) as best_precision_rank
    from cells
    inner join rules
        on (rules.ledger_account_id is null or rules.ledger_account_id = cells.ledger_account_id)
        and (rules.cost_centre is null or rules.cost_centre = cells.cost_centre)
        and (rules.department is null or rules.department = cells.department)
        and (rules.territory_id is null or rules.territory_id = cells.territory_id)
        and {{ is_valid_in('rules', 'cells.month') }}
    where cells.waterfall_line = 'indirect_cost'
),

-- The most precise pattern decides alone.
ruled as (
    select * from matches
    where precision_rank = best_precision_rank
),

split as (
    {{ allocate(
        'ruled', 'amount', 'share_weight',
        group_by=['month', 'ledger_account_id', 'cost_centre', 'department', 'territory_id'], ties=['pool_id', 'rule_id']
    ) }}
),

pooled as (
    select
        month,
        ledger_account_id,
        cost_centre,
        department,
        territory_id,
        sum(allocated_amount) as pooled_amount
    from split
    group by
        month,
        ledger_account_id,
        cost_centre,
        department,
        territory_id
),

flows as (
    select
        month,
        rule_id,
        ledger_account_id,
        'pool' as receiver_kind,
        pool_id as receiver,
        allocated_amount as amount
    from split

    union all

    -- What no rule takes, and the part of a cent that is no whole one.
    select
        cells.month,
        case when pooled.month is null then 'no_rule' else 'rounding' end as rule_id,
        cells.ledger_account_id,
        'unassigned' as receiver_kind,
        'unassigned' as receiver,
        cells.amount - coalesce(pooled.pooled_amount, 0) as amount
    from cells
    left join pooled
        on cells.month = pooled.month
        and cells.ledger_account_id = pooled.ledger_account_id
        and cells.cost_centre = pooled.cost_centre
        and cells.department = pooled.department
        and cells.territory_id = pooled.territory_id
    where cells.waterfall_line = 'indirect_cost'

    union all

    -- Accounts of direct costs are drawn by the transactions themselves.
    select
        month,
        'direct:' || waterfall_line as rule_id,
        ledger_account_id,
        'pool' as receiver_kind,
        'direct:' || waterfall_line as receiver,
        amount
    from cells
    where waterfall_line <> 'indirect_cost'
),

final as (
    select
        month as period,
        rule_id,
        ledger_account_id,
        receiver_kind,
        receiver,
        cast(sum(amount) as decimal(18, 4)) as amount
    from flows
    group by
        month,
        rule_id,
        ledger_account_id,
        receiver_kind,
        receiver
    having sum(amount) <> 0
)

select * from final

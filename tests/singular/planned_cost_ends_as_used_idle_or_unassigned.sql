-- What the accounts of a plan pay is what activities use, what is idle, and what no rule sends on, to the cent: pool by pool and month by month.
with

supplied as (
    select
        scenario_id,
        period as month,
        sum(amount) as amount
    from {{ ref('int_planning__flows') }}
    where stage = 'account_to_pool' and scenario_id <> 'actual'
    group by
        scenario_id,
        period
),

budgeted as (
    select
        scenario_id,
        month,
        sum(planned_amount) as planned_amount,
        sum(used_amount + idle_amount + unassigned_amount) as amount
    from {{ ref('activity_budget') }}
    group by
        scenario_id,
        month
)

select
    supplied.scenario_id,
    supplied.month,
    supplied.amount,
    budgeted.amount as budgeted_amount
from supplied
full outer join budgeted
    on supplied.scenario_id = budgeted.scenario_id
    and supplied.month = budgeted.month
where
    coalesce(supplied.amount, 0) <> coalesce(budgeted.amount, 0)
    or budgeted.amount <> budgeted.planned_amount

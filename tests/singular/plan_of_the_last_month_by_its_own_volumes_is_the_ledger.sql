-- The plan runs the cost ledger forward: with the volumes and the cost of a month that is known it is the ledger of that month, to the cent.
with

planned as (
    select
        period,
        stage,
        case when stage = 'account_to_pool' then ledger_account_id else pool_id end as sender,
        receiver_kind,
        receiver,
        sum(amount) as amount
    from {{ ref('int_planning__flows') }}
    where scenario_id = 'actual'
    group by
        period,
        stage,
        case when stage = 'account_to_pool' then ledger_account_id else pool_id end,
        receiver_kind,
        receiver
),

actual as (
    select
        flows.period,
        flows.stage,
        flows.sender,
        flows.receiver_kind,
        flows.receiver,
        sum(flows.amount) as amount
    from {{ ref('fct_cost_flows') }} as flows
    inner join {{ ref('int_calendar__as_of') }} as calendar
        on flows.period = calendar.as_of_month
    where
        flows.stage in ('account_to_pool', 'pool_to_pool', 'pool_to_activity')
        and flows.sender not like 'direct:%' and flows.receiver not like 'direct:%'
    group by
        flows.period,
        flows.stage,
        flows.sender,
        flows.receiver_kind,
        flows.receiver
)

select
    coalesce(planned.stage, actual.stage) as stage,
    coalesce(planned.sender, actual.sender) as sender,
    coalesce(planned.receiver, actual.receiver) as receiver,
    planned.amount as planned_amount,
    actual.amount as actual_amount
from planned
full outer join actual
    on planned.period = actual.period
    and planned.stage = actual.stage
    and planned.sender = actual.sender
    and planned.receiver_kind = actual.receiver_kind
    and planned.receiver = actual.receiver
where coalesce(planned.amount, 0) <> coalesce(actual.amount, 0)

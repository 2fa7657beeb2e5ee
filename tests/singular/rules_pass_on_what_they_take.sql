-- Proves that rule_balance shows all cost that flows: in every month and stage its rows take what fct_cost_flows moves, and the rules of drivers
-- take what activities received. Returns the months that differ.

with

balances as (
    select
        period,
        stage,
        sum(taken_amount) as taken_amount,
        sum(sent_amount + remainder_amount) as placed_amount
    from {{ ref('rule_balance') }}
    group by
        period,
        stage
),

flows as (
    select
        period,
        stage,
        sum(amount) as amount,
        sum(case when stage = 'pool_to_activity' and receiver_kind = 'activity' then amount else 0 end) as activity_amount
    from {{ ref('fct_cost_flows') }}
    group by
        period,
        stage
),

activities as (
    select
        flows.period,
        flows.activity_amount
    from flows
    where flows.stage = 'pool_to_activity'
),

final as (
    select
        coalesce(balances.period, flows.period) as period,
        coalesce(balances.stage, flows.stage) as stage,
        coalesce(balances.taken_amount, 0) - coalesce(flows.amount, 0) as difference,
        coalesce(balances.taken_amount, 0) - coalesce(balances.placed_amount, 0) as lost_amount
    from balances
    full outer join flows
        on balances.period = flows.period
        and balances.stage = flows.stage

    union all

    select
        activities.period,
        'activities' as stage,
        activities.activity_amount - coalesce(balances.taken_amount, 0) as difference,
        0 as lost_amount
    from activities
    left join balances
        on activities.period = balances.period
        and balances.stage = 'activity_to_customer'
)

select * from final
where difference <> 0 or lost_amount <> 0

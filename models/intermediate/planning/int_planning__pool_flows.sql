{%- set by = ['scenario_id', 'period'] -%}

with

resources as (
    select * from {{ ref('int_planning__resources') }}
),

calendar as (
    {{ plan_calendar() }}
),

actual_flows as (
    select
        period,
        rule_id,
        ledger_account_id,
        receiver_kind,
        receiver,
        amount
    from {{ ref('int_costing__account_flows') }}
    where receiver not like 'direct:%'
),

-- What each account gives to each pool, of the last window: in the same parts it pays what the plan asks for.
mixes as (
    select
        actual_flows.receiver as pool_id,
        actual_flows.receiver_kind,
        actual_flows.ledger_account_id,
        min(actual_flows.rule_id) as rule_id,
        max(calendar.window_months) as window_months,
        cast(sum(actual_flows.amount) as decimal(18, 4)) as amount
    from actual_flows
    cross join calendar
    where actual_flows.period > calendar.before_window and actual_flows.period <= calendar.as_of_month
    group by
        actual_flows.receiver,
        actual_flows.receiver_kind,
        actual_flows.ledger_account_id
),

paid as (
    select
        resources.scenario_id,
        resources.period,
        resources.pool_id,
        resources.own_amount,
        mixes.rule_id,
        mixes.ledger_account_id,
        greatest(mixes.amount, 0) as weight
    from resources
    inner join mixes
        on resources.pool_id = mixes.pool_id
        and mixes.receiver_kind = 'pool'
),

months as (
    select distinct
        scenario_id,
        period
    from resources
),

split as (
    {{ allocate('paid', 'own_amount', 'weight', group_by=['scenario_id', 'period', 'pool_id'], ties=['ledger_account_id']) }}
),

account_flows as (
    select
        scenario_id,
        period,
        rule_id,
        ledger_account_id,
        'pool' as receiver_kind,
        pool_id as receiver,
        allocated_amount as amount
    from split
    where allocated_amount is not null

    union all

    select
        months.scenario_id,
        months.period,
        mixes.rule_id,
        mixes.ledger_account_id,
        mixes.receiver_kind,
        mixes.pool_id as receiver,
        {{ rounded_to_cents('cast(mixes.amount as double) / mixes.window_months') }} as amount
    from mixes
    cross join months
    where mixes.receiver_kind <> 'pool'

    union all

    select
        'actual' as scenario_id,
        actual_flows.period,
        actual_flows.rule_id,
        actual_flows.ledger_account_id,
        actual_flows.receiver_kind,
        actual_flows.receiver,
        actual_flows.amount
    from actual_flows
    inner join calendar
        on actual_flows.period = calendar.as_of_month
),

-- The runs of the ledger: every scenario and month, and the last known month by its own cost.
runs as (
    select
        scenario_id,
        period
    from months

    union all

    select
        'actual' as scenario_id,
        as_of_month as period
    from calendar
),

{{ plan_pool_inverse('runs') }}

edges as (
    select
        runs.scenario_id,
        month_edges.period,
        month_edges.rule_id,
        month_edges.pool_id,
        month_edges.receiver_pool_id,
        month_edges.share
    from runs
    inner join month_edges
        on runs.period = month_edges.period
),

inverse as (
    select
        runs.scenario_id,
        month_inverse.period,
        month_inverse.pool_id,
        month_inverse.receiver_pool_id,
        month_inverse.weight
    from runs
    inner join month_inverse
        on runs.period = month_inverse.period
),

own as (
    select
        scenario_id,
        period,
        receiver as pool_id,
        sum(amount) as amount
    from account_flows
    where receiver_kind = 'pool'
    group by
        scenario_id,
        period,
        receiver
),

handed_on as (
    {{ pool_flows(by=by) }}
),

final as (
    select
        scenario_id,
        period,
        'account_to_pool' as stage,
        rule_id,
        ledger_account_id,
        cast(null as {{ dbt.type_string() }}) as pool_id,
        receiver_kind,
        receiver,
        cast(amount as decimal(18, 4)) as amount
    from account_flows

    union all

    select
        scenario_id,
        period,
        'pool_to_pool' as stage,
        rule_id,
        cast(null as {{ dbt.type_string() }}) as ledger_account_id,
        pool_id,
        'pool' as receiver_kind,
        receiver_pool_id as receiver,
        cast(amount as decimal(18, 4)) as amount
    from handed_on
)

select * from final

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

supplies as (
    select
        scenario_id,
        period,
        pool_id,
        supply_minutes
    from resources
),

used as (
    select
        scenario_id,
        period,
        activity_id,
        sum(minutes) as minutes
    from {{ ref('int_planning__volumes') }}
    group by
        scenario_id,
        period,
        activity_id
),

periods as (
    select distinct
        scenario_id,
        period
    from account_flows

    union distinct

    select distinct
        scenario_id,
        period
    from used
),

rules as (
    select * from {{ ref('pool_rules') }}
),

capacities as (
    select * from {{ ref('pool_capacities') }}
),

methods as (
    select * from {{ ref('cost_methods') }}
    where stage = 'pool_to_pool'
),

own_methods as (
    select * from {{ ref('cost_methods') }}
    where stage = 'pool_to_activity' and pool_id is not null
),

general_methods as (
    select * from {{ ref('cost_methods') }}
    where stage = 'pool_to_activity' and pool_id is null
),

pools as (
    select
        pool_id,
        coalesce(step_order, 1000000) as step_order
    from {{ ref('cost_pools') }}
),

-- Rules between pools are the same in every scenario.
month_edges as (
    with

    periods as (
        select distinct period
        from account_flows
    )

    select * from (
        {{ pool_edges() }}
    ) as kept_edges
),

nodes as (
    select
        months.period,
        pools.pool_id
    from (select distinct period from account_flows) as months
    cross join pools
),

month_inverse as (
    {{ reciprocal_inverse('nodes', 'month_edges') }}
),

edges as (
    select
        periods.scenario_id,
        month_edges.period,
        month_edges.rule_id,
        month_edges.pool_id,
        month_edges.receiver_pool_id,
        month_edges.share
    from periods
    inner join month_edges
        on periods.period = month_edges.period
),

inverse as (
    select
        periods.scenario_id,
        month_inverse.period,
        month_inverse.pool_id,
        month_inverse.receiver_pool_id,
        month_inverse.weight
    from periods
    inner join month_inverse
        on periods.period = month_inverse.period
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

pool_flows as (
    select
        scenario_id,
        period,
        rule_id,
        pool_id,
        receiver_pool_id,
        amount,
        rule_id = 'rounding' as is_rounding
    from handed_on
),

measured as (
    {{ pool_rates(supplies='supplies', by=by) }}
),

sent_on as (
    {{ activity_flows(by=by) }}
),

-- The accounts that the cost of a pool comes from, its own and those of the pools that serve it.
origins as (
    select
        account_flows.scenario_id,
        account_flows.period,
        inverse.receiver_pool_id as pool_id,
        account_flows.ledger_account_id,
        cast(round(greatest(sum(cast(account_flows.amount as double) * inverse.weight), 0e0), 4) as decimal(18, 4)) as weight
    from account_flows
    inner join inverse
        on account_flows.scenario_id = inverse.scenario_id
        and account_flows.period = inverse.period
        and account_flows.receiver = inverse.pool_id
    where account_flows.receiver_kind = 'pool'
    group by
        account_flows.scenario_id,
        account_flows.period,
        inverse.receiver_pool_id,
        account_flows.ledger_account_id
),

origin_totals as (
    select
        scenario_id,
        period,
        pool_id,
        sum(weight) as total_weight
    from origins
    group by
        scenario_id,
        period,
        pool_id
    having sum(weight) > 0
),

drawn as (
    select
        sent_on.scenario_id,
        sent_on.period,
        sent_on.pool_id,
        sent_on.rule_id,
        sent_on.receiver_kind,
        sent_on.receiver,
        sent_on.activity_id,
        sent_on.amount,
        coalesce(sent_on.minutes, 0e0) as minutes,
        origins.ledger_account_id,
        origins.weight,
        cast(origins.weight as double) / cast(origin_totals.total_weight as double) as account_share
    from sent_on
    inner join origin_totals
        on sent_on.scenario_id = origin_totals.scenario_id
        and sent_on.period = origin_totals.period
        and sent_on.pool_id = origin_totals.pool_id
    inner join origins
        on sent_on.scenario_id = origins.scenario_id
        and sent_on.period = origins.period
        and sent_on.pool_id = origins.pool_id
    where origins.weight > 0
),

by_account as (
    {{ allocate(
        'drawn', 'amount', 'weight',
        group_by=['scenario_id', 'period', 'pool_id', 'rule_id', 'receiver_kind', 'receiver'], ties=['ledger_account_id']
    ) }}
),

-- A pool that no account pays and that still charges, by a standard rate, has no account to name.
without_account as (
    select sent_on.*
    from sent_on
    left join origin_totals
        on sent_on.scenario_id = origin_totals.scenario_id
        and sent_on.period = origin_totals.period
        and sent_on.pool_id = origin_totals.pool_id
    where origin_totals.pool_id is null
),

flows as (
    select
        scenario_id,
        period,
        'account_to_pool' as stage,
        rule_id,
        ledger_account_id,
        cast(null as {{ dbt.type_string() }}) as pool_id,
        receiver_kind,
        receiver,
        cast(null as {{ dbt.type_string() }}) as activity_id,
        cast(0 as double) as minutes,
        amount
    from account_flows
    where amount <> 0

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
        cast(null as {{ dbt.type_string() }}) as activity_id,
        cast(0 as double) as minutes,
        amount
    from pool_flows

    union all

    select
        scenario_id,
        period,
        'pool_to_activity' as stage,
        rule_id,
        ledger_account_id,
        pool_id,
        receiver_kind,
        receiver,
        activity_id,
        round(minutes * account_share, 6) as minutes,
        allocated_amount as amount
    from by_account

    union all

    select
        scenario_id,
        period,
        'pool_to_activity' as stage,
        rule_id,
        cast(null as {{ dbt.type_string() }}) as ledger_account_id,
        pool_id,
        receiver_kind,
        receiver,
        activity_id,
        minutes,
        amount
    from without_account
),

final as (
    select
        scenario_id,
        period,
        stage,
        rule_id,
        ledger_account_id,
        pool_id,
        receiver_kind,
        receiver,
        activity_id,
        minutes,
        cast(amount as decimal(18, 4)) as amount
    from flows
)

select * from final

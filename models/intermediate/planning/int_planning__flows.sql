{%- set by = ['scenario_id', 'period'] -%}

with

cost_flows as (
    select * from {{ ref('int_planning__pool_flows') }}
),

account_flows as (
    select
        scenario_id,
        period,
        ledger_account_id,
        receiver_kind,
        receiver,
        amount
    from cost_flows
    where stage = 'account_to_pool'
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

measured as (
    select * from {{ ref('int_planning__pool_rates') }}
),

{{ plan_pool_inverse('account_flows') }}

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
    inner join month_inverse as inverse
        on account_flows.period = inverse.period
        and account_flows.receiver = inverse.pool_id
    where account_flows.receiver_kind = 'pool'
    group by
        account_flows.scenario_id,
        account_flows.period,
        inverse.receiver_pool_id,
        account_flows.ledger_account_id
),

paying as (
    select
        *,
        sum(weight) over (partition by scenario_id, period, pool_id) as total_weight
    from origins
    where weight > 0
),

-- A pool that no account pays and that still charges, by a standard rate, has no account to name.
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
        coalesce(origins.weight, 0) as weight,
        coalesce(cast(origins.weight as double) / cast(origins.total_weight as double), 1e0) as account_share
    from sent_on
    left join paying as origins
        on sent_on.scenario_id = origins.scenario_id
        and sent_on.period = origins.period
        and sent_on.pool_id = origins.pool_id
),

by_account as (
    {{ allocate(
        'drawn', 'amount', 'weight',
        group_by=['scenario_id', 'period', 'pool_id', 'rule_id', 'receiver_kind', 'receiver'], ties=['ledger_account_id']
    ) }}
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
        cast(null as {{ dbt.type_string() }}) as activity_id,
        cast(0 as double) as minutes,
        amount
    from cost_flows
    where amount <> 0 or stage = 'pool_to_pool'

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
        case when ledger_account_id is null then minutes else {{ rounded_number('minutes * account_share', 6) }} end as minutes,
        cast(case when ledger_account_id is null then amount else allocated_amount end as decimal(18, 4)) as amount
    from by_account
)

select * from final

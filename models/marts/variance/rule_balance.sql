with

account_rules as (
    select * from {{ ref('account_rules') }}
),

pool_rules as (
    select * from {{ ref('pool_rules') }}
),

capacities as (
    select * from {{ ref('pool_capacities') }}
),

drivers as (
    select * from {{ ref('activity_drivers') }}
),

cost_flows as (
    select * from {{ ref('fct_cost_flows') }}
),

receivers as (
    select
        period,
        rule_id,
        activity_id,
        minutes,
        event_count
    from {{ ref('int_costing__activity_receivers') }}
),

periods as (
    select distinct period
    from cost_flows
),

-- A rule that took nothing in a month in which it is valid is shown too.
rules as (
    select
        periods.period,
        account_rules.rule_id,
        'account_to_pool' as stage,
        account_rules.ledger_account_id as sender,
        account_rules.pool_id as receiver
    from periods
    inner join account_rules
        on {{ is_valid_in('account_rules', 'periods.period') }}

    union all

    select
        periods.period,
        pool_rules.rule_id,
        case pool_rules.receiver_kind when 'pool' then 'pool_to_pool' else 'pool_to_activity' end as stage,
        pool_rules.pool_id as sender,
        pool_rules.receiver_id as receiver
    from periods
    inner join pool_rules
        on {{ is_valid_in('pool_rules', 'periods.period') }}

    union all

    select
        periods.period,
        capacities.rule_id,
        'pool_to_activity' as stage,
        capacities.pool_id as sender,
        'idle' as receiver
    from periods
    inner join capacities
        on {{ is_valid_in('capacities', 'periods.period') }}

    union all

    select
        periods.period,
        drivers.rule_id,
        'activity_to_customer' as stage,
        drivers.activity_id as sender,
        'customers' as receiver
    from periods
    inner join drivers
        on {{ is_valid_in('drivers', 'periods.period') }}
),

activities as (
    select
        activity_id,
        waterfall_line
    from {{ ref('dim_activity') }}
),

pool_rates as (
    select
        period,
        pool_id,
        used_minutes,
        unassigned_amount
    from {{ ref('fct_cost_pool_rates') }}
),

driver_rules as (
    select
        period,
        sender as activity_id,
        min(rule_id) as rule_id
    from rules
    where stage = 'activity_to_customer'
    group by
        period,
        sender
),

activity_minutes as (
    select
        period,
        activity_id,
        sum(minutes) as minutes
    from receivers
    group by
        period,
        activity_id
),

driven as (
    select
        period,
        rule_id,
        sum(minutes) as minutes,
        sum(event_count) as event_count
    from receivers
    group by
        period,
        rule_id
),

-- An activity that nothing drove in the month is what its rule could not send on.
flows as (
    select
        cost_flows.period,
        case
            when cost_flows.stage = 'activity_to_customer' and cost_flows.rule_id = 'no_driver' then coalesce(driver_rules.rule_id, cost_flows.rule_id)
            else cost_flows.rule_id
        end as rule_id,
        cost_flows.stage,
        cost_flows.sender,
        cost_flows.receiver,
        cost_flows.receiver_kind,
        cost_flows.amount
    from cost_flows
    left join driver_rules
        on cost_flows.period = driver_rules.period
        and cost_flows.activity_id = driver_rules.activity_id
),

taken as (
    select
        period,
        rule_id,
        stage,
        count(distinct sender) as sender_count,
        count(distinct receiver) as receiver_count,
        sum(amount) as taken_amount,
        sum(case when receiver_kind in ('pool', 'activity', 'customer', 'sustaining') then amount else 0 end) as received_amount,
        sum(case when receiver_kind = 'idle' then amount else 0 end) as idle_amount
    from flows
    group by
        period,
        rule_id,
        stage
),

-- A receiver that gets cost and has nothing to send it on by.
stuck as (
    select
        rules.period,
        rules.rule_id,
        rules.stage,
        min(rules.sender) as sender,
        sum(
            case
                when rules.receiver = 'idle' then 0
                when rules.stage in ('account_to_pool', 'pool_to_pool') then case when receiving_pools.unassigned_amount <> 0 then 1 else 0 end
                when activities.waterfall_line = 'business_sustaining' then 0
                when coalesce(activity_minutes.minutes, 0) = 0 then 1
                else 0
            end
        ) as receivers_without_driver
    from rules
    left join pool_rates as receiving_pools
        on rules.period = receiving_pools.period
        and rules.receiver = receiving_pools.pool_id
    left join activities
        on case rules.stage when 'pool_to_activity' then rules.receiver else rules.sender end = activities.activity_id
    left join activity_minutes
        on rules.period = activity_minutes.period
        and activities.activity_id = activity_minutes.activity_id
    group by
        rules.period,
        rules.rule_id,
        rules.stage
),

final as (
    select
        coalesce(taken.period, stuck.period) as period,
        coalesce(taken.rule_id, stuck.rule_id) as rule_id,
        coalesce(taken.stage, stuck.stage) as stage,
        stuck.sender,
        stuck.rule_id is not null as is_governed,
        coalesce(taken.sender_count, 0) as sender_count,
        coalesce(taken.receiver_count, 0) as receiver_count,
        cast(coalesce(driven.minutes, pool_rates.used_minutes, activity_minutes.minutes) as double) as driver_minutes,
        cast(driven.event_count as bigint) as event_count,
        cast(coalesce(taken.taken_amount, 0) as {{ money_total() }}) as taken_amount,
        cast(coalesce(taken.received_amount + taken.idle_amount, 0) as {{ money_total() }}) as sent_amount,
        cast(coalesce(taken.received_amount, 0) as {{ money_total() }}) as received_amount,
        cast(coalesce(taken.idle_amount, 0) as {{ money_total() }}) as idle_amount,
        cast(coalesce(taken.taken_amount - taken.received_amount - taken.idle_amount, 0) as {{ money_total() }}) as remainder_amount,
        cast(coalesce(stuck.receivers_without_driver, 0) as bigint) as receivers_without_driver
    from taken
    full outer join stuck
        on taken.period = stuck.period
        and taken.rule_id = stuck.rule_id
        and taken.stage = stuck.stage
    left join driven
        on stuck.period = driven.period
        and stuck.rule_id = driven.rule_id
    left join rules as capacity_rules
        on stuck.period = capacity_rules.period
        and stuck.rule_id = capacity_rules.rule_id
        and capacity_rules.receiver = 'idle'
    left join pool_rates
        on capacity_rules.period = pool_rates.period
        and capacity_rules.sender = pool_rates.pool_id
    left join rules as activity_rules
        on stuck.period = activity_rules.period
        and stuck.rule_id = activity_rules.rule_id
        and activity_rules.stage = 'pool_to_activity'
    left join activity_minutes
        on activity_rules.period = activity_minutes.period
        and activity_rules.receiver = activity_minutes.activity_id
)

select * from final

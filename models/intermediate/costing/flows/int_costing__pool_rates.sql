-- depends_on: {{ ref('int_costing__rule_problems') }}
with

pools as (
    select
        period,
        pool_id,
        own_amount,
        gross_amount - sent_to_pools_amount as amount
    from {{ ref('int_costing__pool_costs') }}
    -- Pools of direct costs are passed on by the transactions themselves.
    where pool_id not like 'direct:%'
),

rules as (
    select * from {{ ref('pool_rules') }}
),

capacities as (
    select * from {{ ref('pool_capacities') }}
),

methods as (
    select * from {{ ref('cost_methods') }}
    where stage = 'pool_to_activity'
),

used as (
    select
        period,
        activity_id,
        sum(minutes) as minutes
    from {{ ref('int_costing__activity_receivers') }}
    group by
        period,
        activity_id
),

based as (
    select
        pools.period,
        pools.pool_id,
        pools.amount,
        capacities.rule_id as capacity_rule_id,
        coalesce(own_methods.method, all_methods.method, 'actual') as method,
        coalesce(own_methods.rule_id, all_methods.rule_id, 'actual') as method_rule_id,
        cast(capacities.standard_rate as double) as standard_rate,
        -- A month in which nothing was spent on the pool bought no capacity that could be counted.
        nullif(cast(coalesce(
            capacities.practical_minutes,
            case when pools.own_amount > 0 then cast(pools.own_amount as double) / nullif(cast(capacities.cost_per_minute as double), 0) end
        ) as double), 0) as capacity_minutes
    from pools
    left join capacities
        on pools.pool_id = capacities.pool_id
        and {{ is_valid_in('capacities', 'pools.period') }}
    left join methods as own_methods
        on pools.pool_id = own_methods.pool_id
        and {{ is_valid_in('own_methods', 'pools.period') }}
    left join methods as all_methods
        on all_methods.pool_id is null
        and {{ is_valid_in('all_methods', 'pools.period') }}
),

sent as (
    select
        based.period,
        based.pool_id,
        rules.rule_id,
        rules.receiver_kind,
        rules.receiver_id,
        rules.measure,
        coalesce(cast(rules.share as double), 0) as share,
        case when rules.measure = 'minutes' then coalesce(cast(used.minutes as double), 0) else 0 end as minutes
    from based
    inner join rules
        on based.pool_id = rules.pool_id
        and {{ is_valid_in('rules', 'based.period') }}
    left join used
        on based.period = used.period
        and rules.receiver_kind = 'activity'
        and rules.receiver_id = used.activity_id
),

totals as (
    select
        period,
        pool_id,
        sum(minutes) as used_minutes,
        sum(case when receiver_kind = 'activity' then share else 0 end) as activity_share,
        case when max(case when measure = 'minutes' then 1 else 0 end) = 1 then 1 - sum(share) else 0 end as minutes_share
    from sent
    group by
        period,
        pool_id
),

final as (
    select
        based.period,
        based.pool_id,
        based.method,
        based.method_rule_id,
        based.capacity_rule_id,
        based.amount,
        based.standard_rate,
        based.capacity_minutes,
        coalesce(totals.used_minutes, 0) as used_minutes,
        coalesce(totals.activity_share, 0) as activity_share,
        coalesce(totals.minutes_share, 0) as minutes_share,
        -- Minutes are weighed against the larger of capacity and use, so that no weight outgrows its type.
        greatest(coalesce(based.capacity_minutes, totals.used_minutes), totals.used_minutes) as scale_minutes
    from based
    left join totals
        on based.period = totals.period
        and based.pool_id = totals.pool_id
)

select * from final

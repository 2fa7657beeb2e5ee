{%- set tolerance = var('time_tolerance') -%}

with

rates as (
    select * from {{ ref('int_costing__pool_rates') }}
),

rules as (
    select * from {{ ref('pool_rules') }}
    where receiver_kind = 'activity' and measure = 'minutes'
),

drivers as (
    select
        activity_id,
        driver
    from {{ ref('activity_drivers') }}
),

activities as (
    select activity_id
    from {{ ref('dim_activity') }}
    where waterfall_line in ('cost_to_serve', 'sustaining_cost')
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

timed as (
    select
        rates.period,
        rates.pool_id,
        rates.method,
        rates.standard_rate,
        rates.capacity_minutes,
        rates.used_minutes,
        -- The part of the pool's cost that goes by minutes.
        cast(rates.amount as double) * rates.minutes_share / nullif(rates.activity_share + rates.minutes_share, 0) as timed_amount,
        rules.receiver_id as activity_id,
        cast(used.minutes as double) as minutes
    from rates
    inner join rules
        on rates.pool_id = rules.pool_id
        and {{ is_valid_in('rules', 'rates.period') }}
    inner join used
        on rates.period = used.period
        and rules.receiver_id = used.activity_id
    where used.minutes <> 0
),

-- Where the driver counts money, a minute is a unit of money: nobody estimated it.
estimated as (
    select distinct timed.activity_id
    from timed
    inner join drivers
        on timed.activity_id = drivers.activity_id
    where drivers.driver not in ({{ quoted_list(money_drivers()) }})
),

scenarios as (
    select
        activity_id as scenario_id,
        activity_id
    from estimated

    union all

    select
        {{ all_activities_scenario() }} as scenario_id,
        activity_id
    from estimated
),

changed_pools as (
    select
        scenarios.scenario_id,
        timed.period,
        timed.pool_id,
        sum(timed.minutes) as changed_minutes
    from timed
    inner join scenarios
        on timed.activity_id = scenarios.activity_id
    group by
        scenarios.scenario_id,
        timed.period,
        timed.pool_id
),

-- With capacity or a standard rate a minute has its price: only what takes more time costs more, and idle time pays for it. Without,
-- the pool's cost is divided anew among all its activities.
affected as (
    select
        changed_pools.scenario_id,
        changed_pools.changed_minutes,
        timed.*,
        scenarios.activity_id is not null as is_changed
    from changed_pools
    inner join timed
        on changed_pools.period = timed.period
        and changed_pools.pool_id = timed.pool_id
    left join scenarios
        on changed_pools.scenario_id = scenarios.scenario_id
        and timed.activity_id = scenarios.activity_id
    where scenarios.activity_id is not null or (timed.capacity_minutes is null and timed.method <> 'standard')
),

costed as (
    select
        scenario_id,
        period,
        activity_id,
        {{ timed_cost(0) }} as base_amount,
        {{ timed_cost(-tolerance) }} as less_time_amount,
        {{ timed_cost(tolerance) }} as more_time_amount
    from affected
),

final as (
    select
        costed.scenario_id,
        costed.period,
        costed.activity_id,
        cast(round(sum(costed.less_time_amount - costed.base_amount), 8) as decimal(18, 8)) as less_time_change_amount,
        cast(round(sum(costed.more_time_amount - costed.base_amount), 8) as decimal(18, 8)) as more_time_change_amount
    from costed
    inner join activities
        on costed.activity_id = activities.activity_id
    group by
        costed.scenario_id,
        costed.period,
        costed.activity_id
)

select * from final

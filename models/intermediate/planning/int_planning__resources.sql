with

calendar as (
    {{ plan_calendar() }}
),

account_flows as (
    select
        period,
        receiver as pool_id,
        amount
    from {{ ref('int_costing__account_flows') }}
    where receiver_kind = 'pool' and receiver not like 'direct:%'
),

pool_rates as (
    select
        period,
        pool_id,
        used_minutes
    from {{ ref('int_costing__pool_rates') }}
    where not is_direct
),

volumes as (
    select
        scenario_id,
        period,
        activity_id,
        sum(minutes) as minutes
    from {{ ref('int_planning__volumes') }}
    where scenario_id <> 'actual'
    group by
        scenario_id,
        period,
        activity_id
),

cell_months as (
    select distinct
        scenario_id,
        month as period
    from {{ ref('int_planning__cells') }}
),

first_month as (
    select min(period) as month
    from cell_months
),

rules as (
    select * from {{ ref('pool_rules') }}
    where receiver_kind = 'activity' and measure = 'minutes'
),

capacities as (
    select * from {{ ref('pool_capacities') }}
),

resources as (
    select * from {{ ref('plan_resources') }}
),

changes as (
    {{ plan_changes_by_scenario() }}
),

settings as (
    select
        {{ plan_setting('cost_growth') }} as cost_growth,
        {{ plan_setting('needed_steps_rounding') }} as needed_rounding,
        {{ plan_setting('released_steps_rounding') }} as released_rounding
),

spent as (
    select
        account_flows.pool_id,
        cast(sum(account_flows.amount) as double) / max(calendar.window_months) * (1 + max(settings.cost_growth)) as own_amount,
        max(calendar.window_months) as window_months
    from account_flows
    cross join calendar
    cross join settings
    where account_flows.period > calendar.before_window and account_flows.period <= calendar.as_of_month
    group by account_flows.pool_id
),

used as (
    select
        pool_rates.pool_id,
        sum(pool_rates.used_minutes) / max(calendar.window_months) as minutes
    from pool_rates
    cross join calendar
    where pool_rates.period > calendar.before_window and pool_rates.period <= calendar.as_of_month
    group by pool_rates.pool_id
),

demanded as (
    select
        volumes.scenario_id,
        volumes.period,
        rules.pool_id,
        sum(volumes.minutes) as minutes
    from volumes
    inner join rules
        on volumes.activity_id = rules.receiver_id
        and {{ is_valid_in('rules', 'volumes.period') }}
    group by
        volumes.scenario_id,
        volumes.period,
        rules.pool_id
),

months as (
    select
        cell_months.scenario_id,
        cell_months.period,
        {{ dbt.datediff('first_month.month', 'cell_months.period', 'month') }}
        + 1 as month_number
    from cell_months
    cross join first_month
),

-- What the last window says of a month: cost, minutes of it, steps of it.
based as (
    select
        months.scenario_id,
        months.period,
        months.month_number,
        spent.pool_id,
        coalesce(resources.resource_kind, 'committed') as resource_kind,
        resources.step_name,
        cast(resources.step_minutes as double) as step_minutes,
        cast(resources.step_cost_amount as double) as step_cost,
        coalesce(resources.notice_months, 0) as notice_months,
        cast(demanded.minutes as double) as demand_minutes,
        spent.own_amount,
        spent.own_amount / nullif(used.minutes, 0) as cost_per_used_minute,
        cast(spent.own_amount as double) / nullif(cast(resources.step_cost_amount as double), 0) as base_steps,
        coalesce(
            spent.own_amount / nullif(cast(resources.step_cost_amount as double), 0) * cast(resources.step_minutes as double),
            cast(capacities.practical_minutes as double),
            spent.own_amount / nullif(cast(capacities.cost_per_minute as double), 0)
        ) as base_minutes
    from months
    cross join spent
    left join resources
        on spent.pool_id = resources.pool_id
        and {{ is_valid_in('resources', 'months.period') }}
    left join capacities
        on spent.pool_id = capacities.pool_id
        and {{ is_valid_in('capacities', 'months.period') }}
    left join used
        on spent.pool_id = used.pool_id
    left join demanded
        on months.scenario_id = demanded.scenario_id
        and months.period = demanded.period
        and spent.pool_id = demanded.pool_id
),

touched as (
    select
        based.scenario_id,
        based.period,
        based.pool_id,
        changes.lever,
        changes.operation,
        changes.change_value,
        based.month_number - greatest(
            {{ dbt.datediff('first_month.month', 'changes.valid_from', 'month') }}
            + 1, 1
        ) as months_since
    from based
    cross join first_month
    inner join changes
        on based.scenario_id = changes.scenario_id
        and based.pool_id = coalesce(changes.pool_id, based.pool_id)
        and {{ is_valid_in('changes', 'based.period') }}
    where changes.lever in ('capacity', 'resource_price')
),

effects as (
    select
        scenario_id,
        period,
        pool_id,
        {{ lever_columns(['capacity', 'resource_price']) }},
        max(case when lever = 'capacity' then months_since end) as months_since
    from touched
    group by
        scenario_id,
        period,
        pool_id
),

changed_steps as (
    select
        based.*,
        case
            when based.base_steps is null or effects.months_since is null then 0e0
            else {{ changed('capacity', 'based.base_steps') }} - based.base_steps
        end as wanted_steps,
        coalesce(effects.months_since, 0) as months_since,
        greatest({{ changed('resource_price', '1e0') }}, 0e0) as price_factor
    from based
    left join effects
        on based.scenario_id = effects.scenario_id
        and based.period = effects.period
        and based.pool_id = effects.pool_id
),

-- Steps are bought and released whole; those that are given notice are paid until it has ended.
stepped as (
    select
        changed_steps.*,
        case
            when changed_steps.wanted_steps > 0 then {{ whole_steps('changed_steps.wanted_steps', 'settings.needed_rounding') }} else 0e0
        end as added_steps,
        case
            when changed_steps.wanted_steps < 0 and changed_steps.months_since >= changed_steps.notice_months
                then least({{ whole_steps('(-changed_steps.wanted_steps)', 'settings.released_rounding') }}, floor(changed_steps.base_steps))
            else 0e0
        end as released_steps
    from changed_steps
    cross join settings
),

supplied as (
    select
        *,
        case when resource_kind = 'committed' then base_steps + added_steps - released_steps end as steps,
        case
            when resource_kind = 'flexible' and cost_per_used_minute is not null then coalesce(demand_minutes, 0e0)
            else base_minutes + (added_steps - released_steps) * coalesce(step_minutes, 0e0)
        end as supply_minutes,
        case
            when resource_kind = 'flexible' and cost_per_used_minute is not null then cost_per_used_minute * coalesce(demand_minutes, 0e0)
            else own_amount + (added_steps - released_steps) * coalesce(step_cost, 0e0)
        end * price_factor as planned_amount
    from stepped
),

-- What the demand is more or less than the supply, in steps.
compared as (
    select
        *,
        greatest(coalesce(demand_minutes, 0e0) - supply_minutes, 0e0) / nullif(step_minutes, 0) as missing_steps,
        greatest(supply_minutes - coalesce(demand_minutes, 0e0), 0e0) / nullif(step_minutes, 0) as spare_steps
    from supplied
),

final as (
    select
        compared.scenario_id,
        compared.period,
        compared.pool_id,
        compared.resource_kind,
        compared.step_name,
        cast(compared.notice_months as integer) as notice_months,
        round(compared.step_minutes, 4) as step_minutes,
        {{ rounded_to_cents('compared.step_cost * compared.price_factor') }} as step_cost_amount,
        round(compared.steps, 8) as steps,
        round(compared.added_steps, 8) as added_steps,
        round(compared.released_steps, 8) as released_steps,
        round(compared.demand_minutes, 4) as demand_minutes,
        round(compared.supply_minutes, 4) as supply_minutes,
        {{ rounded_to_cents('compared.planned_amount') }} as own_amount,
        {{ whole_steps('compared.missing_steps', 'settings.needed_rounding') }} as needed_steps,
        least({{ whole_steps('compared.spare_steps', 'settings.released_rounding') }}, floor(compared.steps)) as releasable_steps
    from compared
    cross join settings
)

select * from final

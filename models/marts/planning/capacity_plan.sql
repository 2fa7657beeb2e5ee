with

resources as (
    select * from {{ ref('int_planning__resources') }}
),

flows as (
    select
        scenario_id,
        period,
        pool_id,
        sum(case when receiver_kind = 'activity' then amount else 0 end) as assigned_amount,
        sum(case when receiver_kind = 'idle' then amount else 0 end) as idle_amount,
        sum(case when rule_id = 'no_driver' then amount else 0 end) as undriven_amount
    from {{ ref('int_planning__flows') }}
    where stage = 'pool_to_activity'
    group by
        scenario_id,
        period,
        pool_id
),

joined as (
    select
        resources.*,
        coalesce(flows.assigned_amount, 0) as assigned_amount,
        -- A ledger leaves unassigned what nothing drives, as a count may be missing; of a plan it is known that nobody asks for the capacity.
        coalesce(flows.idle_amount, 0) + case when resources.supply_minutes > 0 then coalesce(flows.undriven_amount, 0) else 0 end as idle_amount,
        greatest(resources.demand_minutes - resources.supply_minutes, 0e0) as shortage_minutes,
        greatest(resources.supply_minutes - coalesce(resources.demand_minutes, 0e0), 0e0) as spare_minutes
    from resources
    left join flows
        on resources.scenario_id = flows.scenario_id
        and resources.period = flows.period
        and resources.pool_id = flows.pool_id
),

base as (
    select
        period,
        pool_id,
        own_amount,
        idle_amount
    from joined
    where scenario_id = 'base'
),

final as (
    select
        joined.scenario_id,
        joined.pool_id,
        joined.period as month,
        joined.resource_kind,
        joined.step_name,
        joined.notice_months,
        joined.demand_minutes,
        joined.supply_minutes,
        {{ rounded_number('joined.shortage_minutes', 4) }} as shortage_minutes,
        {{ rounded_number('joined.spare_minutes', 4) }} as spare_minutes,
        joined.steps,
        joined.added_steps,
        joined.released_steps,
        joined.needed_steps,
        joined.releasable_steps,
        cast(joined.own_amount as {{ money_total() }}) as cost_amount,
        cast(joined.assigned_amount as {{ money_total() }}) as assigned_amount,
        cast(joined.idle_amount as {{ money_total() }}) as idle_amount,
        -- What the steps cost that are short, or could be given back; without steps a short minute costs what the others do.
        {{ rounded_to_cents(
            'coalesce(joined.needed_steps * cast(joined.step_cost_amount as double),'
            ~ ' joined.shortage_minutes * cast(joined.own_amount as double) / nullif(joined.supply_minutes, 0))',
            money_total()
        ) }} as shortage_amount,
        {{ rounded_to_cents('joined.releasable_steps * cast(joined.step_cost_amount as double)', money_total()) }} as releasable_amount,
        cast(base.own_amount - joined.own_amount as {{ money_total() }}) as saved_amount,
        cast(joined.idle_amount - base.idle_amount as {{ money_total() }}) as moved_to_idle_amount
    from joined
    left join base
        on joined.period = base.period
        and joined.pool_id = base.pool_id
)

select * from final

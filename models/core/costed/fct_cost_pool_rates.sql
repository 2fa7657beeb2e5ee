with

rates as (
    select * from {{ ref('int_costing__pool_rates') }}
),

-- Minutes that the budget plans to use of a pool, and what they are to cost, by price or as an amount: rows without an account, whose
-- driver is the pool.
planned_uses as (
    select
        month as period,
        driver as pool_id,
        cast(quantity as double) as planned_minutes,
        coalesce(cast(quantity as double) * unit_price_amount, cast(nullif(amount, 0) as double)) as planned_cost
    from {{ ref('int_finance__plans') }}
    where plan = 'budget' and ledger_account_id is null
),

plans as (
    select
        period,
        pool_id,
        sum(planned_minutes) as planned_minutes,
        sum(planned_cost) / nullif(sum(case when planned_cost is not null then planned_minutes end), 0) as planned_rate
    from planned_uses
    group by
        period,
        pool_id
),

flows as (
    select
        period,
        sender as pool_id,
        receiver_kind,
        receiver,
        amount
    from {{ ref('fct_cost_flows') }}
    where stage in ('pool_to_activity', 'pool_to_customer')
),

sent as (
    select
        period,
        pool_id,
        sum(case when receiver_kind in ('activity', 'customer') then amount else 0 end) as assigned_amount,
        sum(case when receiver = 'idle' then amount else 0 end) as idle_amount,
        sum(case when receiver = 'over_driven' then amount else 0 end) as over_driven_amount,
        sum(case when receiver in ('rate_variance', 'direct_variance') then amount else 0 end) as variance_amount,
        sum(case when receiver = 'unassigned' then amount else 0 end) as unassigned_amount
    from flows
    group by
        period,
        pool_id
),

keys as (
    select
        period,
        pool_id
    from rates

    union distinct

    select
        period,
        pool_id
    from sent
),

joined as (
    select
        keys.period,
        keys.pool_id,
        rates.method,
        cast(coalesce(rates.own_amount, 0) as decimal(18, 4)) as own_amount,
        cast(coalesce(rates.received_amount, 0) as decimal(18, 4)) as received_amount,
        cast(coalesce(rates.gross_amount, 0) as decimal(18, 4)) as gross_amount,
        cast(coalesce(rates.sent_to_pools_amount, 0) as decimal(18, 4)) as sent_to_pools_amount,
        cast(coalesce(sent.assigned_amount, 0) as decimal(18, 4)) as assigned_amount,
        cast(coalesce(sent.idle_amount, 0) as decimal(18, 4)) as idle_amount,
        cast(coalesce(sent.over_driven_amount, 0) as decimal(18, 4)) as over_driven_amount,
        cast(coalesce(sent.variance_amount, 0) as decimal(18, 4)) as variance_amount,
        cast(coalesce(sent.unassigned_amount, 0) as decimal(18, 4)) as unassigned_amount,
        rates.capacity_minutes,
        rates.used_minutes,
        rates.used_minutes / nullif(rates.capacity_minutes, 0) as utilisation_ratio,
        rates.standard_rate,
        -- What is sent by minutes; the rest is sent by fixed shares.
        rates.minutes_share / nullif(rates.minutes_share + rates.activity_share, 0) * cast(rates.amount as double) as timed_amount
    from keys
    left join rates
        on keys.period = rates.period
        and keys.pool_id = rates.pool_id
    left join sent
        on keys.period = sent.period
        and keys.pool_id = sent.pool_id
),

rated as (
    select
        *,
        case
            when method = 'standard' then standard_rate
            else timed_amount / nullif(coalesce(capacity_minutes, used_minutes), 0)
        end as minute_rate
    from joined
),

-- Use and rate of a pool as planned; a plan without a rate means the standard rate, or that of the month.
planned as (
    select
        rated.*,
        case when rated.capacity_minutes is not null and rated.timed_amount <> 0 then plans.planned_minutes end as planned_minutes,
        coalesce(plans.planned_rate, rated.standard_rate, rated.minute_rate) as planned_minute_rate
    from rated
    left join plans
        on rated.period = plans.period
        and rated.pool_id = plans.pool_id
),

varied as (
    select
        *,
        {{ rounded_to_cents('case when planned_minutes is not null then used_minutes * planned_minute_rate end') }} as assigned_at_plan,
        {{ rounded_to_cents('(capacity_minutes - planned_minutes) * planned_minute_rate') }} as planned_idle,
        {{ rounded_to_cents('(used_minutes - planned_minutes) * planned_minute_rate') }} as utilisation
    from planned
),

final as (
    select
        period,
        pool_id,
        method,
        own_amount,
        received_amount,
        gross_amount,
        sent_to_pools_amount,
        assigned_amount,
        idle_amount,
        over_driven_amount,
        variance_amount,
        unassigned_amount,
        capacity_minutes,
        used_minutes,
        utilisation_ratio,
        minute_rate,
        planned_minutes,
        case when planned_minutes is not null then planned_minute_rate end as planned_minute_rate,
        cast(assigned_at_plan as decimal(18, 4)) as assigned_at_plan_amount,
        cast(planned_idle as decimal(18, 4)) as planned_idle_amount,
        cast(utilisation as decimal(18, 4)) as utilisation_variance_amount,
        cast({{ rounded_to_cents('timed_amount') }} - assigned_at_plan - planned_idle + utilisation as decimal(18, 4)) as spending_variance_amount
    from varied
)

select * from final

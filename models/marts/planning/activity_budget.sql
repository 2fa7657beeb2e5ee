with

flows as (
    select * from {{ ref('int_planning__flows') }}
    where scenario_id <> 'actual'
),

activities as (
    select
        activity_id,
        waterfall_line
    from {{ ref('dim_activity') }}
),

-- What ends with activities, and what no rule sends to a pool.
ended as (
    select
        scenario_id,
        period as month,
        coalesce(ledger_account_id, 'none') as ledger_account_id,
        coalesce(pool_id, 'none') as pool_id,
        receiver,
        activity_id,
        receiver_kind,
        minutes,
        amount
    from flows
    where stage = 'pool_to_activity' or (stage = 'account_to_pool' and receiver_kind <> 'pool')
),

summed as (
    select
        scenario_id,
        month,
        ledger_account_id,
        pool_id,
        receiver as activity_id,
        receiver_kind,
        sum(minutes) as minutes,
        sum(amount) as amount
    from ended
    group by
        scenario_id,
        month,
        ledger_account_id,
        pool_id,
        receiver,
        receiver_kind
),

rates as (
    select
        scenario_id,
        pool_id,
        activity_id,
        cast(sum(case when minutes > 0 then amount end) as double) / nullif(sum(minutes), 0) as standard_rate
    from summed
    where receiver_kind = 'activity'
    group by
        scenario_id,
        pool_id,
        activity_id
),

final as (
    select
        summed.scenario_id,
        summed.month,
        summed.ledger_account_id,
        summed.pool_id,
        summed.activity_id,
        activities.waterfall_line,
        {{ rounded_number('summed.minutes', 4) }} as planned_minutes,
        round(rates.standard_rate, 8) as standard_rate,
        cast(summed.amount as {{ money_total() }}) as planned_amount,
        cast(case when summed.receiver_kind = 'activity' then summed.amount else 0 end as {{ money_total() }}) as used_amount,
        cast(case when summed.receiver_kind = 'idle' then summed.amount else 0 end as {{ money_total() }}) as idle_amount,
        cast(case when summed.receiver_kind not in ('activity', 'idle') then summed.amount else 0 end as {{ money_total() }}) as unassigned_amount
    from summed
    left join activities
        on summed.activity_id = activities.activity_id
    left join rates
        on summed.scenario_id = rates.scenario_id
        and summed.pool_id = rates.pool_id
        and summed.activity_id = rates.activity_id
)

select * from final

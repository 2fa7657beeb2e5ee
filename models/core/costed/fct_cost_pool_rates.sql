with

rates as (
    select * from {{ ref('int_costing__pool_rates') }}
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

final as (
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
        case
            when rates.method = 'standard' then rates.standard_rate
            else rates.minutes_share / nullif(rates.minutes_share + rates.activity_share, 0) * cast(rates.amount as double)
                / nullif(coalesce(rates.capacity_minutes, rates.used_minutes), 0)
        end as minute_rate
    from keys
    left join rates
        on keys.period = rates.period
        and keys.pool_id = rates.pool_id
    left join sent
        on keys.period = sent.period
        and keys.pool_id = sent.pool_id
)

select * from final

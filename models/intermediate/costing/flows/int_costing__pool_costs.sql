with

own as (
    select
        period,
        receiver as pool_id,
        sum(amount) as own_amount,
        cast(0 as decimal(18, 4)) as received_amount,
        cast(0 as decimal(18, 4)) as sent_to_pools_amount
    from {{ ref('int_costing__account_flows') }}
    where receiver_kind = 'pool'
    group by
        period,
        receiver
),

pool_flows as (
    select
        period,
        pool_id,
        receiver_pool_id,
        amount,
        rule_id = 'rounding' as is_rounding
    from {{ ref('int_costing__pool_flows') }}
),

movements as (
    select
        period,
        pool_id,
        own_amount,
        received_amount,
        sent_to_pools_amount
    from own

    union all

    -- Cents of rounding that come to a pool are cents less that it sends: what it received is what the rules say.
    select
        period,
        receiver_pool_id as pool_id,
        cast(0 as decimal(18, 4)) as own_amount,
        case when is_rounding then 0 else amount end as received_amount,
        case when is_rounding then -amount else 0 end as sent_to_pools_amount
    from pool_flows

    union all

    select
        period,
        pool_id,
        cast(0 as decimal(18, 4)) as own_amount,
        cast(0 as decimal(18, 4)) as received_amount,
        amount as sent_to_pools_amount
    from pool_flows
),

costed as (
    select distinct pool_id
    from movements
),

-- A pool at standard rate charges its drivers also in a month without cost.
pools as (
    select
        periods.period,
        costed.pool_id
    from {{ ref('int_costing__periods') }} as periods
    cross join costed
),

final as (
    select
        pools.period,
        pools.pool_id,
        cast(coalesce(sum(movements.own_amount), 0) as decimal(18, 4)) as own_amount,
        cast(coalesce(sum(movements.received_amount), 0) as decimal(18, 4)) as received_amount,
        cast(coalesce(sum(movements.own_amount + movements.received_amount), 0) as decimal(18, 4)) as gross_amount,
        cast(coalesce(sum(movements.sent_to_pools_amount), 0) as decimal(18, 4)) as sent_to_pools_amount
    from pools
    left join movements
        on pools.period = movements.period
        and pools.pool_id = movements.pool_id
    group by
        pools.period,
        pools.pool_id
)

select * from final

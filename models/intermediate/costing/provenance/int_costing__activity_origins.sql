with

account_flows as (
    select
        period,
        ledger_account_id,
        receiver as pool_id,
        sum(amount) as amount
    from {{ ref('int_costing__account_flows') }}
    where receiver_kind = 'pool'
    group by
        period,
        ledger_account_id,
        receiver
),

edges as (
    select
        period,
        pool_id,
        receiver_pool_id,
        share
    from {{ ref('int_costing__pool_edges') }}
),

inverse as (
    select
        period,
        pool_id,
        receiver_pool_id,
        weight
    from {{ ref('int_costing__pool_inverse') }}
),

activity_flows as (
    select
        period,
        pool_id,
        activity_id,
        sum(amount) as amount
    from {{ ref('int_costing__activity_flows') }}
    where receiver_kind = 'activity'
    group by
        period,
        pool_id,
        activity_id
),

-- Every way from pool to pool begins with one rule; all that can follow it, loops included, is in the inverse.
paths as (
    select
        edges.period,
        edges.pool_id as first_pool_id,
        edges.receiver_pool_id as next_pool_id,
        inverse.receiver_pool_id as last_pool_id,
        edges.share * inverse.weight as weight
    from edges
    inner join inverse
        on edges.period = inverse.period
        and edges.receiver_pool_id = inverse.pool_id

    union all

    select distinct
        period,
        pool_id as first_pool_id,
        cast(null as {{ dbt.type_string() }}) as next_pool_id,
        pool_id as last_pool_id,
        cast(1 as double) as weight
    from account_flows
),

pool_origins as (
    select
        paths.period,
        account_flows.ledger_account_id,
        paths.first_pool_id,
        paths.next_pool_id,
        paths.last_pool_id,
        cast(account_flows.amount as double) * paths.weight as amount,
        sum(cast(account_flows.amount as double) * paths.weight) over (
            partition by paths.period, paths.last_pool_id
        ) as pool_amount
    from account_flows
    inner join paths
        on account_flows.period = paths.period
        and account_flows.pool_id = paths.first_pool_id
),

known_pool_origins as (
    select * from pool_origins
    -- Accounts that cancel each other out leave no cost whose parts could be told.
    where round(pool_amount, 6) <> 0
),

activity_origins as (
    select
        activity_flows.period,
        activity_flows.activity_id,
        origins.ledger_account_id,
        coalesce(origins.first_pool_id, activity_flows.pool_id) as first_pool_id,
        origins.next_pool_id,
        activity_flows.pool_id as last_pool_id,
        cast(activity_flows.amount as double) * coalesce(origins.amount / nullif(origins.pool_amount, 0), 1) as amount,
        sum(cast(activity_flows.amount as double) * coalesce(origins.amount / nullif(origins.pool_amount, 0), 1)) over (
            partition by activity_flows.period, activity_flows.activity_id
        ) as activity_amount
    from activity_flows
    -- What is charged at a standard rate in a month in which nothing was posted has no account.
    left join known_pool_origins as origins
        on activity_flows.period = origins.period
        and activity_flows.pool_id = origins.last_pool_id
),

final as (
    select
        period,
        activity_id,
        ledger_account_id,
        first_pool_id,
        next_pool_id,
        last_pool_id,
        -- Twelve decimals of a share as a decimal that allocate takes; what differs beyond them is noise of floating point.
        cast(round(amount / nullif(activity_amount, 0) * 100000000, 4) as decimal(18, 4)) as weight
    from activity_origins
    where round(activity_amount, 6) <> 0
)

select * from final

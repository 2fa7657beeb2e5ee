with

inverse as (
    select
        period,
        pool_id,
        receiver_pool_id,
        weight
    from {{ ref('int_costing__pool_inverse') }}
),

edges as (
    select
        period,
        pool_id,
        receiver_pool_id,
        share
    from {{ ref('int_costing__pool_edges') }}
),

-- Pools that a cent passes on the average until it leaves for an activity.
steps as (
    select
        period,
        pool_id,
        sum(weight) as step_count
    from inverse
    group by
        period,
        pool_id
),

sent as (
    select
        edges.period,
        edges.pool_id,
        edges.receiver_pool_id,
        sum(edges.share) over (partition by edges.period, edges.pool_id) as sent_share,
        row_number() over (
            partition by edges.period, edges.pool_id
            order by steps.step_count, edges.receiver_pool_id
        ) as exit_rank
    from edges
    inner join steps
        on edges.period = steps.period
        and edges.receiver_pool_id = steps.pool_id
),

-- Where a pool sends everything to pools, one of them is always nearer to the exit than itself: its steps are one more than the
-- average of theirs. So these edges make a tree, and cents of rounding that follow them come to an activity.
exits as (
    select
        period,
        pool_id,
        receiver_pool_id,
        cast(1 as double) as share
    from sent
    where exit_rank = 1 and sent_share > 0.999999999
),

nodes as (
    select
        period,
        pool_id
    from steps
),

closure as (
    {{ reciprocal_inverse('nodes', 'exits') }}
),

final as (
    select
        closure.period,
        closure.pool_id,
        closure.receiver_pool_id as passed_pool_id,
        exits.receiver_pool_id as exit_pool_id
    from closure
    left join exits
        on closure.period = exits.period
        and closure.receiver_pool_id = exits.pool_id
    where closure.weight > 0.5
)

select * from final

with

nodes as (
    select
        periods.period,
        pools.pool_id
    from {{ ref('int_costing__periods') }} as periods
    cross join {{ ref('cost_pools') }} as pools
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
    {{ reciprocal_inverse('nodes', 'edges') }}
),

final as (
    select
        period,
        pool_id,
        receiver_pool_id,
        weight,
        remainder
    from inverse
)

select * from final

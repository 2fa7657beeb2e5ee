with

periods as (
    select distinct period
    from {{ ref('int_costing__account_flows') }}
),

nodes as (
    select
        periods.period,
        pools.pool_id
    from periods
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

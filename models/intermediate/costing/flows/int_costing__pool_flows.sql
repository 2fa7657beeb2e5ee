with

own as (
    select
        period,
        receiver as pool_id,
        sum(amount) as amount
    from {{ ref('int_costing__account_flows') }}
    where receiver_kind = 'pool' and receiver not like 'direct:%'
    group by
        period,
        receiver
),

inverse as (
    select
        period,
        pool_id,
        receiver_pool_id,
        weight
    from {{ ref('int_costing__pool_inverse') }}
),

edges as (
    select * from {{ ref('int_costing__pool_edges') }}
),

final as (
    {{ pool_flows() }}
)

select * from final

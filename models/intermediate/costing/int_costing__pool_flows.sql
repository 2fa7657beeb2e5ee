with

own as (
    select
        period,
        receiver as pool_id,
        sum(amount) as amount
    from {{ ref('int_costing__account_flows') }}
    where receiver_kind = 'pool'
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

exit_tree as (
    select * from {{ ref('int_costing__exit_tree') }}
),

gross as (
    select
        inverse.period,
        inverse.receiver_pool_id as pool_id,
        sum(cast(own.amount as double) * inverse.weight) as amount
    from own
    inner join inverse
        on own.period = inverse.period
        and own.pool_id = inverse.pool_id
    group by
        inverse.period,
        inverse.receiver_pool_id
),

exits as (
    select distinct
        period,
        passed_pool_id as pool_id,
        exit_pool_id
    from exit_tree
    where exit_pool_id is not null
),

rounded as (
    select
        edges.period,
        edges.rule_id,
        edges.pool_id,
        edges.receiver_pool_id,
        cast(round(gross.amount * edges.share, 2) as decimal(18, 4)) as amount,
        exits.pool_id is not null as is_exit
    from edges
    inner join gross
        on edges.period = gross.period
        and edges.pool_id = gross.pool_id
    left join exits
        on edges.period = exits.period
        and edges.pool_id = exits.pool_id
        and edges.receiver_pool_id = exits.exit_pool_id
),

-- What a pool has before anything comes or goes along the exits.
movements as (
    select
        period,
        pool_id,
        amount
    from own

    union all

    select
        period,
        receiver_pool_id as pool_id,
        amount
    from rounded
    where not is_exit

    union all

    select
        period,
        pool_id,
        -amount as amount
    from rounded
    where not is_exit
),

balances as (
    select
        period,
        pool_id,
        sum(amount) as amount
    from movements
    group by
        period,
        pool_id
),

-- Along its exit a pool passes on all that it has left, and all that came to it along exits.
exit_amounts as (
    select
        exit_tree.period,
        exit_tree.passed_pool_id as pool_id,
        exit_tree.exit_pool_id as receiver_pool_id,
        sum(balances.amount) as amount
    from exit_tree
    inner join balances
        on exit_tree.period = balances.period
        and exit_tree.pool_id = balances.pool_id
    where exit_tree.exit_pool_id is not null
    group by
        exit_tree.period,
        exit_tree.passed_pool_id,
        exit_tree.exit_pool_id
),

final as (
    select
        rounded.period,
        rounded.rule_id,
        rounded.pool_id,
        rounded.receiver_pool_id,
        cast(case when rounded.is_exit then exit_amounts.amount else rounded.amount end as decimal(18, 4)) as amount
    from rounded
    left join exit_amounts
        on rounded.period = exit_amounts.period
        and rounded.pool_id = exit_amounts.pool_id
        and rounded.receiver_pool_id = exit_amounts.receiver_pool_id
    where case when rounded.is_exit then exit_amounts.amount else rounded.amount end <> 0
)

select * from final

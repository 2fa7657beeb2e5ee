-- The exchange between pools is solved by doubling the rounds; what is left of a pool's own cost after the last round is a
-- column. Where it is a cent or more, the rounds were too few for these rules, and every cost behind them would be wrong.
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

remainders as (
    select
        period,
        pool_id,
        max(remainder) as share_left
    from {{ ref('int_costing__pool_inverse') }}
    group by
        period,
        pool_id
),

left_over as (
    select
        own.period,
        sum(abs(cast(own.amount as double)) * remainders.share_left) as amount,
        count(*) - count(remainders.share_left) as pool_without_remainder_count
    from own
    left join remainders
        on own.period = remainders.period
        and own.pool_id = remainders.pool_id
    group by own.period
)

select * from left_over
where not coalesce(amount < 0.005, false) or pool_without_remainder_count > 0

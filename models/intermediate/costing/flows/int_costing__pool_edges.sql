-- depends_on: {{ ref('int_costing__rule_problems') }}
with

-- Months in which there is cost to pass on.
periods as (
    select distinct period
    from {{ ref('int_costing__account_flows') }}
),

rules as (
    select
        rule_id,
        pool_id,
        receiver_kind,
        receiver_id,
        measure,
        share,
        valid_from,
        valid_to
    from {{ ref('pool_rules') }}
),

methods as (
    select
        method,
        valid_from,
        valid_to
    from {{ ref('cost_methods') }}
    where stage = 'pool_to_pool'
),

-- Months by the few versions of the method.
method_months as (
    select
        periods.period,
        methods.method
    from periods
    inner join methods
        on {{ is_valid_in('methods', 'periods.period') }}
),

pools as (
    select
        pool_id,
        coalesce(step_order, 1000000) as step_order
    from {{ ref('cost_pools') }}
),

ruled as (
    select
        periods.period,
        coalesce(method_months.method, 'reciprocal') as method,
        rules.rule_id,
        rules.pool_id,
        rules.receiver_id as receiver_pool_id,
        cast(rules.share as double) as share,
        senders.step_order as sender_order,
        receivers.step_order as receiver_order
    from periods
    inner join rules
        on {{ is_valid_in('rules', 'periods.period') }}
        and rules.receiver_kind = 'pool'
    inner join pools as senders
        on rules.pool_id = senders.pool_id
    inner join pools as receivers
        on rules.receiver_id = receivers.pool_id
    left join method_months
        on periods.period = method_months.period
),

-- A pool that serves other pools is a support pool.
support_pools as (
    select distinct
        period,
        pool_id
    from ruled
),

kept as (
    select
        ruled.*,
        support_pools.pool_id is null
        or ruled.method = 'reciprocal'
        or (ruled.method = 'step_down' and ruled.receiver_order > ruled.sender_order) as is_kept
    from ruled
    left join support_pools
        on ruled.period = support_pools.period
        and ruled.receiver_pool_id = support_pools.pool_id
),

-- What the method sets aside is borne by the sender's other receivers, in proportion.
scaled as (
    select
        *,
        1 - sum(case when is_kept then 0 else share end) over (partition by period, pool_id) as kept_share
    from kept
),

final as (
    select
        period,
        rule_id,
        pool_id,
        receiver_pool_id,
        share / nullif(kept_share, 0) as share
    from scaled
    where is_kept
)

select * from final

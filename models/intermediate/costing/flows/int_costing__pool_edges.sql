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

pools as (
    select
        pool_id,
        coalesce(step_order, 1000000) as step_order
    from {{ ref('cost_pools') }}
),

final as (
    {{ pool_edges() }}
)

select * from final

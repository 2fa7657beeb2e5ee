-- depends_on: {{ ref('int_costing__rule_problems') }}
with

account_flows as (
    select * from {{ ref('int_costing__account_flows') }}
),

-- Months with cost or with drivers.
periods as (
    select distinct period
    from account_flows

    union distinct

    select distinct month as period
    from {{ ref('int_costing__driver_events') }}
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

rules as (
    select * from {{ ref('pool_rules') }}
),

capacities as (
    select * from {{ ref('pool_capacities') }}
),

own_methods as (
    select * from {{ ref('cost_methods') }}
    where stage = 'pool_to_activity' and pool_id is not null
),

general_methods as (
    select * from {{ ref('cost_methods') }}
    where stage = 'pool_to_activity' and pool_id is null
),

used as (
    select
        period,
        activity_id,
        sum(minutes) as minutes
    from {{ ref('int_costing__activity_receivers') }}
    group by
        period,
        activity_id
),

final as (
    {{ pool_rates() }}
)

select * from final

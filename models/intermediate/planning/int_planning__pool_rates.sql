{%- set by = ['scenario_id', 'period'] -%}

with

cost_flows as (
    select * from {{ ref('int_planning__pool_flows') }}
),

account_flows as (
    select
        scenario_id,
        period,
        ledger_account_id,
        receiver_kind,
        receiver,
        amount
    from cost_flows
    where stage = 'account_to_pool'
),

pool_flows as (
    select
        scenario_id,
        period,
        pool_id,
        receiver as receiver_pool_id,
        amount,
        rule_id = 'rounding' as is_rounding
    from cost_flows
    where stage = 'pool_to_pool'
),

supplies as (
    select
        scenario_id,
        period,
        pool_id,
        supply_minutes
    from {{ ref('int_planning__resources') }}
),

used as (
    select
        scenario_id,
        period,
        activity_id,
        sum(minutes) as minutes
    from {{ ref('int_planning__volumes') }}
    group by
        scenario_id,
        period,
        activity_id
),

periods as (
    select distinct
        scenario_id,
        period
    from account_flows

    union distinct

    select distinct
        scenario_id,
        period
    from used
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

final as (
    {{ pool_rates(supplies='supplies', by=by) }}
)

select * from final

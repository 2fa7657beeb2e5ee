with

account_flows as (
    select * from {{ ref('int_costing__account_flows') }}
),

pool_flows as (
    select * from {{ ref('int_costing__pool_flows') }}
),

activity_flows as (
    select * from {{ ref('int_costing__activity_flows') }}
),

customer_flows as (
    select * from {{ ref('int_costing__customer_flows') }}
),

direct_flows as (
    select * from {{ ref('int_costing__direct_flows') }}
),

allocations as (
    select
        period,
        rule_id,
        'account_to_pool' as stage,
        'account' as sender_kind,
        ledger_account_id as sender,
        receiver,
        receiver_kind,
        cast(null as {{ dbt.type_string() }}) as customer_id,
        cast(null as {{ dbt.type_string() }}) as activity_id,
        amount
    from account_flows

    union all

    select
        period,
        rule_id,
        'pool_to_pool' as stage,
        'pool' as sender_kind,
        pool_id as sender,
        receiver_pool_id as receiver,
        'pool' as receiver_kind,
        cast(null as {{ dbt.type_string() }}) as customer_id,
        cast(null as {{ dbt.type_string() }}) as activity_id,
        amount
    from pool_flows

    union all

    select
        period,
        rule_id,
        'pool_to_activity' as stage,
        'pool' as sender_kind,
        pool_id as sender,
        receiver,
        receiver_kind,
        cast(null as {{ dbt.type_string() }}) as customer_id,
        activity_id,
        amount
    from activity_flows

    union all

    select
        period,
        pool_id as rule_id,
        'pool_to_customer' as stage,
        'pool' as sender_kind,
        pool_id as sender,
        receiver,
        receiver_kind,
        customer_id,
        cast(null as {{ dbt.type_string() }}) as activity_id,
        amount
    from direct_flows

    union all

    select
        period,
        rule_id,
        'activity_to_customer' as stage,
        'activity' as sender_kind,
        activity_id as sender,
        receiver,
        receiver_kind,
        customer_id,
        activity_id,
        amount
    from customer_flows
),

directions as (
    select 'out' as direction
    union all
    select 'in' as direction
),

final as (
    select
        cast(allocations.period as {{ dbt.type_string() }}) || '/' || allocations.rule_id || '/' || allocations.sender || '/'
        || allocations.receiver_kind || '/' || allocations.receiver || '/' || directions.direction as allocation_id,
        allocations.period,
        allocations.rule_id,
        allocations.stage,
        directions.direction,
        allocations.sender_kind,
        allocations.sender,
        allocations.receiver,
        allocations.receiver_kind,
        allocations.customer_id,
        allocations.activity_id,
        allocations.amount
    from allocations
    cross join directions
)

select * from final

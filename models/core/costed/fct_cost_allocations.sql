-- Each flow as both of its sides. It is held once, in fct_cost_flows, so the sides agree by construction; whether what a pool or an activity
-- received is what it sent on is for the tests to say.
with

flows as (
    select
        *,
        cast(period as {{ dbt.type_string() }}) || '/' || rule_id || '/' || sender || '/' || receiver_kind || '/' || receiver as flow_id
    from {{ ref('fct_cost_flows') }}
),

directions as (
    select 'out' as direction
    union all
    select 'in' as direction
),

final as (
    select
        flows.flow_id || '/' || directions.direction as allocation_id,
        flows.period,
        flows.rule_id,
        flows.stage,
        directions.direction,
        flows.sender_kind,
        flows.sender,
        flows.receiver,
        flows.receiver_kind,
        flows.customer_id,
        flows.activity_id,
        flows.amount
    from flows
    cross join directions
)

select * from final

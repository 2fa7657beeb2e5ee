with

allocations as (
    select
        period as month,
        receiver_kind,
        receiver,
        activity_id,
        amount
    from {{ ref('fct_cost_allocations') }}
    -- Direct costs stand on lines of their own, as the transactions have them.
    where
        direction = 'in' and stage <> 'pool_to_customer'
        and receiver_kind in ('customer', 'idle', 'sustaining', 'unassigned')
),

activities as (
    select
        activity_id,
        waterfall_line
    from {{ ref('dim_activity') }}
),

lined as (
    select
        allocations.month,
        case
            when allocations.receiver_kind = 'customer' then activities.waterfall_line
            when allocations.receiver = 'idle' then 'idle_capacity'
            when allocations.receiver = 'unassigned' then 'unassigned_cost'
            else allocations.receiver
        end as line,
        allocations.amount
    from allocations
    left join activities
        on allocations.activity_id = activities.activity_id
),

final as (
    select
        month,
        line,
        cast(sum(amount) as decimal(18, 4)) as amount
    from lined
    group by
        month,
        line
)

select * from final

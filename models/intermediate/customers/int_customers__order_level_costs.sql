with

activity_costs as (
    select
        customer_id,
        month,
        activity_id,
        cost_amount
    from {{ ref('fct_activity_costs') }}
),

activities as (
    select activity_id
    from {{ ref('dim_activity') }}
    where
        cost_level = 'order'
        and waterfall_line = 'cost_to_serve'
),

final as (
    select
        activity_costs.customer_id,
        activity_costs.month,
        cast(sum(activity_costs.cost_amount) as decimal(18, 4)) as order_level_cost_amount
    from activity_costs
    inner join activities
        on activity_costs.activity_id = activities.activity_id
    group by
        activity_costs.customer_id,
        activity_costs.month
)

select * from final

-- Proves that a customer bears one number: for every month, customer and line of the waterfall, the ledger of cost, the
-- activity costs by order and article, and the monthly mart agree. Returns those for which they do not.

with

allocations as (
    select
        allocations.period as month,
        allocations.customer_id,
        activities.waterfall_line,
        allocations.amount
    from {{ ref('fct_cost_flows') }} as allocations
    inner join {{ ref('dim_activity') }} as activities
        on allocations.activity_id = activities.activity_id
    where allocations.receiver_kind = 'customer'
),

three_sides as (
    select
        month,
        customer_id,
        waterfall_line,
        amount as allocated_amount,
        0 as activity_amount,
        0 as mart_amount
    from allocations

    union all

    select
        month,
        customer_id,
        waterfall_line,
        0 as allocated_amount,
        cost_amount as activity_amount,
        0 as mart_amount
    from {{ ref('fct_activity_costs') }}

    union all

    select
        month,
        customer_id,
        'cost_to_serve' as waterfall_line,
        0 as allocated_amount,
        0 as activity_amount,
        cost_to_serve_amount as mart_amount
    from {{ ref('customer_profitability_monthly') }}

    union all

    select
        month,
        customer_id,
        'sustaining_cost' as waterfall_line,
        0 as allocated_amount,
        0 as activity_amount,
        sustaining_cost_amount as mart_amount
    from {{ ref('customer_profitability_monthly') }}
)

select
    month,
    customer_id,
    waterfall_line,
    sum(allocated_amount) as allocated_amount,
    sum(activity_amount) as activity_amount,
    sum(mart_amount) as mart_amount
from three_sides
group by
    month,
    customer_id,
    waterfall_line
having
    sum(allocated_amount) <> sum(activity_amount)
    or sum(allocated_amount) <> sum(mart_amount)

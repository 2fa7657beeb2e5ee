-- Is the profit in line with the revenue? The N largest, N middle and N smallest customers by revenue (variable
-- ranking_group_size), each beside its profit, then each group as a whole: `dbt compile`, then run the compiled file, or
-- `dbt show --select top_middle_bottom --limit 40`.

with

ranked as (
    select * from {{ ref('revenue_ranking_groups') }}
),

customers as (
    select
        group_order,
        revenue_group,
        revenue_position,
        customer_id,
        cast(1 as bigint) as customer_count,
        revenue_rank,
        profit_rank,
        profit_against_revenue,
        net_revenue_amount,
        variable_cost_amount,
        fixed_cost_amount,
        customer_profit_amount,
        equal_share_profit_amount
    from ranked
),

groups_as_a_whole as (
    select
        group_order,
        revenue_group,
        cast(null as bigint) as revenue_position,
        'all of the group' as customer_id,
        count(*) as customer_count,
        cast(null as bigint) as revenue_rank,
        cast(null as bigint) as profit_rank,
        cast(null as {{ dbt.type_string() }}) as profit_against_revenue,
        sum(net_revenue_amount) as net_revenue_amount,
        sum(variable_cost_amount) as variable_cost_amount,
        sum(fixed_cost_amount) as fixed_cost_amount,
        sum(customer_profit_amount) as customer_profit_amount,
        sum(equal_share_profit_amount) as equal_share_profit_amount
    from ranked
    group by
        group_order,
        revenue_group
),

final as (
    select * from customers

    union all

    select * from groups_as_a_whole
)

select
    revenue_group,
    customer_id,
    customer_count,
    revenue_rank,
    profit_rank,
    profit_against_revenue,
    net_revenue_amount,
    variable_cost_amount,
    fixed_cost_amount,
    customer_profit_amount,
    {{ share_of_total('customer_profit_amount', 'net_revenue_amount') }} as profit_margin,
    equal_share_profit_amount
from final
order by
    group_order,
    revenue_position nulls last

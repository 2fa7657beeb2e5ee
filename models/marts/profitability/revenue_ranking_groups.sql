{%- set size = var('ranking_group_size') | int -%}

with

customers as (
    select
        customer_id,
        customer_kind,
        segment_id,
        profit_tier,
        order_count,
        profit_rank,
        gross_sales_amount,
        net_revenue_amount,
        gross_margin_amount,
        variable_cost_amount,
        fixed_cost_amount,
        customer_profit_amount,
        equal_share_profit_amount
    from {{ ref('customer_profitability') }}
    where
        not is_unattributed
        and order_count > 0
),

ranked as (
    select
        *,
        count(*) over () as customer_count,
        rank() over (order by net_revenue_amount desc) as revenue_rank,
        rank() over (order by customer_profit_amount desc) as profit_rank_of_ordering,
        row_number() over (order by net_revenue_amount desc, customer_id asc) as revenue_position,
        row_number() over (order by customer_profit_amount desc, customer_id asc) as profit_position,
        sum(net_revenue_amount) over () as total_net_revenue_amount,
        sum(customer_profit_amount) over () as total_profit_amount
    from customers
),

grouped as (
    select
        *,
        {{ decile_of('revenue_position', 'customer_count') }} as revenue_decile,
        {{ decile_of('profit_position', 'customer_count') }} as profit_decile,
        -- Half a group before the middle of the list, rounded towards the larger customers.
        floor((customer_count - {{ size }}) / 2.0) as before_the_middle,
        case
            when revenue_position <= {{ size }} then 'largest'
            when revenue_position > customer_count - {{ size }} then 'smallest'
        end as group_at_an_end
    from ranked
),

named as (
    select
        *,
        coalesce(
            group_at_an_end,
            case when revenue_position > before_the_middle and revenue_position <= before_the_middle + {{ size }} then 'middle' end
        ) as revenue_group
    from grouped
),

final as (
    select
        revenue_group,
        case revenue_group when 'largest' then 1 when 'middle' then 2 else 3 end as group_order,
        customer_id,
        customer_kind,
        segment_id,
        profit_tier,
        customer_count,
        cast(revenue_position as bigint) as revenue_position,
        cast(revenue_rank as bigint) as revenue_rank,
        cast(profit_rank_of_ordering as bigint) as profit_rank,
        revenue_decile,
        profit_decile,
        case
            when profit_decile - revenue_decile > 1 then 'below'
            when profit_decile - revenue_decile < -1 then 'above'
            else 'in_line'
        end as profit_against_revenue,
        customer_profit_amount < 0 as is_loss_maker,
        order_count,
        gross_sales_amount,
        net_revenue_amount,
        gross_margin_amount,
        variable_cost_amount,
        fixed_cost_amount,
        customer_profit_amount,
        equal_share_profit_amount,
        {{ share_of_total('net_revenue_amount', 'total_net_revenue_amount') }} as net_revenue_share,
        {{ share_of_total('customer_profit_amount', 'total_profit_amount') }} as profit_share,
        {{ share_of_total('customer_profit_amount', 'net_revenue_amount') }} as profit_margin,
        {{ share_of_total('fixed_cost_amount', 'net_revenue_amount') }} as fixed_cost_share,
        {{ share_of_total('variable_cost_amount', 'net_revenue_amount') }} as variable_cost_share
    from named
    where revenue_group is not null
)

select * from final

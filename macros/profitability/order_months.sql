{#- Select of what moves to the month of the order: customer_id, month, revenue_amount, profit_amount; out of the month in which it happened and into
    that of its order, so that both together are nothing. What another customer bears than the one who ordered stays where it is.

    returns, redemptions, direct_selling_costs, activity_costs: CTEs in the shape of the facts, with month and order_id; orders: order_id,
    customer_id, month. -#}
{% macro moved_to_order_months(returns, redemptions, direct_selling_costs, activity_costs, orders) %}
    with

    -- What came after an order: how it changes revenue and profit.
    after_effects as (
        select
            customer_id,
            month,
            order_id,
            -coalesce(refund_amount, 0) as revenue_amount,
            coalesce(returned_cost_of_goods_amount, 0) - coalesce(refund_amount, 0) as profit_amount
        from {{ returns }}

        union all

        select
            customer_id,
            month,
            order_id,
            -rebate_amount as revenue_amount,
            -rebate_amount as profit_amount
        from {{ redemptions }}

        union all

        select
            customer_id,
            month,
            order_id,
            0 as revenue_amount,
            -cost_amount as profit_amount
        from {{ direct_selling_costs }}

        union all

        select
            customer_id,
            month,
            order_id,
            0 as revenue_amount,
            -cost_amount as profit_amount
        from {{ activity_costs }}
    ),

    -- In another month than that of their order; what another customer bears than the one who ordered stays where it is.
    late as (
        select
            after_effects.customer_id,
            after_effects.month,
            orders.month as order_month,
            sum(after_effects.revenue_amount) as revenue_amount,
            sum(after_effects.profit_amount) as profit_amount
        from after_effects
        inner join {{ orders }} as orders
            on after_effects.order_id = orders.order_id
            and after_effects.customer_id = orders.customer_id
        where after_effects.month <> orders.month
        group by
            after_effects.customer_id,
            after_effects.month,
            orders.month
    ),

    final as (
        select
            customer_id,
            month,
            -revenue_amount as revenue_amount,
            -profit_amount as profit_amount
        from late

        union all

        select
            customer_id,
            order_month as month,
            revenue_amount,
            profit_amount
        from late
    )

    select * from final
{%- endmacro %}

with

order_lines as (
    select
        customer_id,
        product_id,
        order_id,
        ordered_on,
        month,
        net_sales_amount,
        cost_of_goods_amount
    from {{ ref('fct_order_lines') }}
    where customer_id <> {{ unattributed_customer() }}
),

returns as (
    select
        customer_id,
        product_id,
        month,
        refund_amount,
        returned_cost_of_goods_amount
    from {{ ref('fct_returns') }}
    where customer_id <> {{ unattributed_customer() }}
),

products as (
    select
        product_id,
        product_group
    from {{ ref('dim_product') }}
    where {{ is_group_of_products('product_group', 'product_kind') }}
),

calendar as (
    select
        as_of_month,
        {{ month_after('as_of_month', -11) }} as first_recent_month
    from {{ ref('int_calendar__as_of') }}
),

movements as (
    select
        customer_id,
        product_id,
        order_id,
        ordered_on,
        month,
        coalesce(net_sales_amount, 0) - coalesce(cost_of_goods_amount, 0) as gross_margin_amount
    from order_lines

    union all

    select
        customer_id,
        product_id,
        cast(null as {{ dbt.type_string() }}) as order_id,
        cast(null as date) as ordered_on,
        month,
        coalesce(returned_cost_of_goods_amount, 0) - coalesce(refund_amount, 0) as gross_margin_amount
    from returns
),

final as (
    select
        movements.customer_id,
        products.product_group,
        min(movements.ordered_on) as first_ordered_on,
        max(movements.ordered_on) as last_ordered_on,
        count(distinct movements.order_id) as order_count,
        cast(
            sum(case when movements.month >= calendar.first_recent_month then movements.gross_margin_amount else 0 end) as decimal(18, 4)
        ) as last_12m_gross_margin_amount
    from movements
    inner join products
        on movements.product_id = products.product_id
    inner join calendar
        on movements.month <= calendar.as_of_month
    group by
        movements.customer_id,
        products.product_group
    -- Who only brought something back, of an order of which nothing is known, did not buy it here.
    having count(movements.ordered_on) > 0
)

select * from final

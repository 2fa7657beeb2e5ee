with

order_lines as (
    select
        customer_id,
        product_id,
        month
    from {{ ref('fct_order_lines') }}
    where order_id is not null
),

products as (
    select
        product_id,
        product_group
    from {{ ref('dim_product') }}
    where {{ is_group_of_products('product_group', 'product_kind') }}
),

bought as (
    select
        order_lines.customer_id,
        products.product_group,
        min(order_lines.month) as month
    from order_lines
    inner join products
        on order_lines.product_id = products.product_id
    group by
        order_lines.customer_id,
        products.product_group
),

final as (
    select
        customer_id,
        month,
        count(*) as new_product_group_count
    from bought
    group by
        customer_id,
        month
)

select * from final

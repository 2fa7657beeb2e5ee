{%- set by = ['month', 'customer_id', 'product_group', 'territory_id', 'sales_rep_id', 'customer_territory_id', 'customer_sales_rep_id'] -%}

with

order_lines as (
    select * from {{ ref('fct_order_lines') }}
),

returns as (
    select * from {{ ref('fct_returns') }}
),

redemptions as (
    select * from {{ ref('fct_promotion_redemptions') }}
    where is_paid
),

direct_selling_costs as (
    select * from {{ ref('fct_direct_selling_costs') }}
),

activity_costs as (
    select * from {{ ref('fct_activity_costs') }}
),

-- Who sold; what came back later is taken from the same.
orders as (
    select
        order_id,
        min(territory_id) as territory_id,
        min(sales_rep_id) as sales_rep_id
    from order_lines
    where order_id is not null
    group by order_id
),

customers as (
    select
        customer_id,
        territory_id,
        sales_rep_id
    from {{ ref('dim_customer') }}
),

products as (
    select
        product_id,
        product_group
    from {{ ref('dim_product') }}
),

entries as (
    {{ waterfall_entry_rows() }}
),

placed as (
    select
        entries.month,
        entries.customer_id,
        coalesce(products.product_group, {{ no_member() }}) as product_group,
        {{ waterfall_entry_place('territory_id') }} as territory_id,
        {{ waterfall_entry_place('sales_rep_id') }} as sales_rep_id,
        coalesce(customers.territory_id, {{ unknown_member() }}) as customer_territory_id,
        coalesce(customers.sales_rep_id, {{ unknown_member() }}) as customer_sales_rep_id,
        entries.quantity,
        entries.returned_quantity,
        entries.{{ posted_amounts() | join(',\n        entries.') }}
    from entries
    left join orders
        on entries.order_id = orders.order_id
    left join customers
        on entries.customer_id = customers.customer_id
    left join products
        on entries.product_id = products.product_id
),

summed as (
    select
        {{ by | join(',\n        ') }},
        {{ waterfall_sums(['quantity', 'returned_quantity']) }}
    from placed
    group by
        {{ by | join(',\n        ') }}
),

final as (
    select
        summed.{{ by | join(',\n        summed.') }},
        cast(summed.quantity as decimal(18, 4)) as quantity,
        cast(summed.returned_quantity as decimal(18, 4)) as returned_quantity,
        {{- waterfall_amounts_and_margins('summed') }}
    from summed
)

select * from final

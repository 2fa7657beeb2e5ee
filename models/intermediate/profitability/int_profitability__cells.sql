{%- set by = ['month', 'product_id', 'channel_id', 'territory_id', 'segment_id', 'currency_code', 'comparison_kinds'] -%}

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

orders as (
    select
        order_id,
        channel_id,
        territory_id
    from {{ ref('int_sales__orders') }}
),

customers as (
    select
        customer_id,
        territory_id
    from {{ ref('dim_customer') }}
),

products as (
    select
        product_id,
        product_group,
        product_category
    from {{ ref('dim_product') }}
),

comparisons as (
    select * from {{ ref('int_profitability__comparisons') }}
),

entries as (
    {{ waterfall_entry_rows() }}
),

placed as (
    select
        entries.month,
        entries.product_id,
        {{ waterfall_entry_place('channel_id') }} as channel_id,
        {{ waterfall_entry_place('territory_id') }} as territory_id,
        comparisons.segment_id,
        entries.currency_code,
        comparisons.comparison_kinds,
        entries.quantity,
        entries.returned_quantity,
        case when entries.entry_kind = 'order_line' then entries.cost_of_goods_amount else 0 end as sold_cost_of_goods_amount,
        entries.{{ posted_amounts() | join(',\n        entries.') }}
    from entries
    left join orders
        on entries.order_id = orders.order_id
    left join customers
        on entries.customer_id = customers.customer_id
    left join comparisons
        on entries.customer_id = comparisons.customer_id
        and entries.month = comparisons.month
),

summed as (
    select
        {{ by | join(',\n        ') }},
        {{ waterfall_sums(['quantity', 'returned_quantity', 'sold_cost_of_goods_amount'], money_total()) }}
    from placed
    group by
        {{ by | join(',\n        ') }}
),

final as (
    select
        summed.*,
        coalesce(products.product_group, {{ no_member() }}) as product_group,
        coalesce(products.product_category, {{ no_member() }}) as product_category
    from summed
    left join products
        on summed.product_id = products.product_id
)

select * from final

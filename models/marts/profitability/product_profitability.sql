with

cells as (
    select * from {{ ref('int_profitability__cells') }}
),

products as (
    select
        product_id,
        product_group,
        product_category
    from {{ ref('dim_product') }}
),

summed as (
    select
        month,
        coalesce(product_id, {{ no_member() }}) as product_id,
        {{ waterfall_sums(['quantity', 'returned_quantity']) }}
    from cells
    group by
        month,
        coalesce(product_id, {{ no_member() }})
),

final as (
    select
        summed.month,
        summed.product_id,
        summed.product_id <> {{ no_member() }} as is_article,
        coalesce(products.product_group, {{ no_member() }}) as product_group,
        coalesce(products.product_category, {{ no_member() }}) as product_category,
        cast(summed.quantity as {{ money_total() }}) as quantity,
        cast(summed.returned_quantity as {{ money_total() }}) as returned_quantity,
        {{- waterfall_amounts_and_margins('summed', money_total()) }}
    from summed
    left join products
        on summed.product_id = products.product_id
)

select * from final

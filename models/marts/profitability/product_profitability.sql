with

cells as (
    select * from {{ ref('int_profitability__cells') }}
),

summed as (
    select
        month,
        coalesce(product_id, {{ no_member() }}) as product_id,
        product_group,
        product_category,
        {{ waterfall_sums(['quantity', 'returned_quantity']) }}
    from cells
    group by
        month,
        coalesce(product_id, {{ no_member() }}),
        product_group,
        product_category
),

final as (
    select
        summed.month,
        summed.product_id,
        summed.product_id <> {{ no_member() }} as is_article,
        summed.product_group,
        summed.product_category,
        cast(summed.quantity as {{ money_total() }}) as quantity,
        cast(summed.returned_quantity as {{ money_total() }}) as returned_quantity,
        {{- waterfall_amounts_and_margins('summed', money_total()) }}
    from summed
)

select * from final

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
        month,
        product_id,
        product_id <> {{ no_member() }} as is_article,
        product_group,
        product_category,
        cast(quantity as {{ money_total() }}) as quantity,
        cast(returned_quantity as {{ money_total() }}) as returned_quantity,
        {{- waterfall_amounts_and_margins('summed', money_total()) }}
    from summed
)

select * from final

with

statistics as (
    select * from {{ ref('int_value__purchase_statistics') }}
),

final as (
    select
        basis,
        value_segment as segment,
        purchase_count,
        recency,
        age,
        cast(count(*) as double) as customer_count
    from statistics
    group by
        basis,
        value_segment,
        purchase_count,
        recency,
        age
)

select * from final

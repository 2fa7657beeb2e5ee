with

statistics as (
    select
        basis,
        value_segment as segment,
        purchase_count,
        cast({{ rounded_to_cents('average_amount') }} as double) as average_amount
    from {{ ref('int_value__purchase_statistics') }}
    where
        purchase_count > 0
        and average_amount >= 0.01
),

final as (
    select
        basis,
        segment,
        purchase_count,
        average_amount,
        cast(count(*) as double) as customer_count
    from statistics
    group by
        basis,
        segment,
        purchase_count,
        average_amount
)

select * from final

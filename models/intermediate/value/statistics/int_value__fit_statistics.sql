with

statistics as (
    select * from {{ ref('int_value__purchase_statistics') }}
),

terms as (
    select
        basis,
        term_segment,
        cast(due_count as double) as period,
        case when is_lost then 1e0 else 0e0 end as is_lost
    from {{ ref('int_value__contract_terms') }}
    -- Before its first renewal a contract says nothing of renewals.
    where due_count >= 1
),

spend as (
    select
        basis,
        value_segment,
        purchase_count,
        cast({{ rounded_to_cents('average_amount') }} as double) as average_amount
    from statistics
    where
        purchase_count > 0
        and average_amount >= 0.01
),

final as (
    select
        'purchases' as kind,
        basis,
        value_segment as segment,
        purchase_count,
        recency,
        age,
        cast(null as double) as average_amount,
        cast(null as double) as period,
        cast(null as double) as is_lost,
        cast(count(*) as double) as customer_count
    from statistics
    group by
        basis,
        value_segment,
        purchase_count,
        recency,
        age

    union all

    select
        'spend' as kind,
        basis,
        value_segment as segment,
        purchase_count,
        cast(null as double) as recency,
        cast(null as double) as age,
        average_amount,
        cast(null as double) as period,
        cast(null as double) as is_lost,
        cast(count(*) as double) as customer_count
    from spend
    group by
        basis,
        value_segment,
        purchase_count,
        average_amount

    union all

    select
        'renewals' as kind,
        basis,
        term_segment as segment,
        cast(null as double) as purchase_count,
        cast(null as double) as recency,
        cast(null as double) as age,
        cast(null as double) as average_amount,
        period,
        is_lost,
        cast(count(*) as double) as customer_count
    from terms
    group by
        basis,
        term_segment,
        period,
        is_lost
)

select * from final

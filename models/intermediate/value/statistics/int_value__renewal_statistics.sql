with

terms as (
    select * from {{ ref('int_value__contract_terms') }}
    -- Before its first renewal a contract says nothing of renewals.
    where due_count >= 1
),

final as (
    select
        basis,
        term_segment as segment,
        cast(due_count as double) as period,
        case when is_lost then 1e0 else 0e0 end as is_lost,
        cast(count(*) as double) as customer_count
    from terms
    group by
        basis,
        term_segment,
        due_count,
        case when is_lost then 1e0 else 0e0 end
)

select * from final

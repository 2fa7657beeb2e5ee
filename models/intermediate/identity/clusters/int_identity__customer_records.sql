with

crosswalk as (
    select * from {{ ref('int_identity__customer_crosswalk') }}
),

final as (
    select
        source_system,
        source_customer_id,
        customer_id
    from crosswalk
    where record_kind = 'customer'
)

select * from final

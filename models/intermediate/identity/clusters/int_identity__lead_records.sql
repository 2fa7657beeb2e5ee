with

crosswalk as (
    select
        *,
        -- A customer of which there are leads only has not bought yet.
        max(case when record_kind = 'customer' then 1 else 0 end) over (partition by customer_id) = 0 as is_prospect
    from {{ ref('int_identity__customer_crosswalk') }}
),

final as (
    select
        source_system,
        source_customer_id as lead_id,
        customer_id,
        is_prospect
    from crosswalk
    where record_kind = 'lead'
)

select * from final

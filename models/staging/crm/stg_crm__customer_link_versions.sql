with

final as (
    select
        source_system,
        left_source_system,
        left_customer_id,
        right_source_system,
        right_customer_id,
        is_match,
        decided_on,
        coalesce(is_deleted, false) as is_deleted,
        delivered_on,
        delivery_id
    from {{ source('crm', 'customer_links') }}
)

select * from final

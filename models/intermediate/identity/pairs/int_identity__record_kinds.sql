with

contact_points as (
    select * from {{ ref('int_identity__contact_points') }}
),

followed as (
    select
        record_id,
        customer_kind,
        valid_from,
        lag(customer_kind) over (partition by record_id order by valid_from) as customer_kind_before
    from contact_points
),

final as (
    select
        record_id,
        customer_kind,
        valid_from,
        coalesce(lead(valid_from) over (partition by record_id order by valid_from), cast('9999-12-31' as date)) as valid_to
    from followed
    where customer_kind_before is null or customer_kind <> customer_kind_before
)

select * from final

with

records as (
    select
        record_id,
        source_system,
        source_customer_id
    from {{ ref('int_identity__records') }}
    where record_kind = 'customer'
),

memberships as (
    select
        record_id,
        customer_id
    from {{ ref('int_identity__memberships') }}
    where valid_to = cast('9999-12-31' as date)
),

final as (
    select
        records.source_system,
        records.source_customer_id,
        memberships.customer_id
    from records
    inner join memberships
        on records.record_id = memberships.record_id
)

select * from final

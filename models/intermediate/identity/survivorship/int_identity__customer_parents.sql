with

states as (
    select * from {{ ref('int_identity__customer_states') }}
),

final as (
    select
        customer_id,
        parent_customer_id
    from states
    where valid_to = cast('9999-12-31' as date) and parent_customer_id is not null
)

select * from final

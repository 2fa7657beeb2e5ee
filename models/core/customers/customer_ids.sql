with

memberships as (
    select * from {{ ref('int_identity__memberships') }}
),

given as (
    select
        customer_id as given_customer_id,
        min(valid_from) as given_on
    from memberships
    group by customer_id
),

final as (
    select
        given.given_customer_id,
        memberships.customer_id,
        given.given_customer_id = memberships.customer_id as is_current,
        given.given_on,
        case when given.given_customer_id <> memberships.customer_id then memberships.valid_from end as retired_on
    from given
    -- The number of a customer is that of its oldest record; where that record is now, the customer is.
    inner join memberships
        on given.given_customer_id = memberships.record_id
        and memberships.valid_to = cast('9999-12-31' as date)
)

select * from final

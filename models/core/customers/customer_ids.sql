with

memberships as (
    select * from {{ ref('int_identity__memberships') }}
),

born as (
    select
        record_id,
        customer_id,
        valid_from
    from memberships
    where customer_id_before is null
),

numbered as (
    select
        customer_id as given_customer_id,
        valid_from as given_on
    from memberships

    union all

    -- What was landed earlier on the day of its customer may have been built, and named after this record, before the older one came.
    select
        born.record_id as given_customer_id,
        born.valid_from as given_on
    from born
    inner join born as elders
        on born.customer_id = elders.record_id
        and born.valid_from = elders.valid_from
    where born.record_id <> born.customer_id
),

given as (
    select
        given_customer_id,
        min(given_on) as given_on
    from numbered
    group by given_customer_id
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

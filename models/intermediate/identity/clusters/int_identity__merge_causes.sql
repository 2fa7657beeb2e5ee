with

links as (
    select * from {{ ref('int_identity__links') }}
),

memberships as (
    select * from {{ ref('int_identity__memberships') }}
),

-- A link that joins records of two customers on the day on which it begins.
joining as (
    select
        links.valid_from as happened_on,
        lefts.customer_id,
        left_before.customer_id as left_customer_id,
        right_before.customer_id as right_customer_id,
        links.match_rule,
        links.match_probability,
        links.strength,
        links.left_record_id,
        links.right_record_id,
        links.caused_by_system,
        links.caused_by_delivery_id
    from links
    inner join memberships as lefts
        on links.left_record_id = lefts.record_id
        and links.valid_from >= lefts.valid_from
        and links.valid_from < lefts.valid_to
    inner join memberships as rights
        on links.right_record_id = rights.record_id
        and links.valid_from >= rights.valid_from
        and links.valid_from < rights.valid_to
        and lefts.customer_id = rights.customer_id
    left join memberships as left_before
        on links.left_record_id = left_before.record_id
        and links.valid_from > left_before.valid_from
        and links.valid_from <= left_before.valid_to
    left join memberships as right_before
        on links.right_record_id = right_before.record_id
        and links.valid_from > right_before.valid_from
        and links.valid_from <= right_before.valid_to
    where
        left_before.customer_id is null
        or right_before.customer_id is null
        or left_before.customer_id <> right_before.customer_id
),

sides as (
    select
        joining.left_customer_id as merged_customer_id,
        joining.*
    from joining

    union all

    select
        joining.right_customer_id as merged_customer_id,
        joining.*
    from joining
),

ranked as (
    select
        *,
        row_number() over (
            partition by merged_customer_id, customer_id, happened_on
            order by strength desc, left_record_id asc, right_record_id asc, match_rule asc
        ) as strength_rank
    from sides
    where merged_customer_id is not null
),

final as (
    select
        merged_customer_id,
        customer_id,
        happened_on,
        match_rule,
        match_probability,
        caused_by_system,
        caused_by_delivery_id
    from ranked
    where strength_rank = 1
)

select * from final

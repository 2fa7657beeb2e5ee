with

memberships as (
    select * from {{ ref('int_identity__memberships') }}
),

links as (
    select * from {{ ref('int_identity__links') }}
),

known_links as (
    select * from {{ ref('int_identity__known_links') }}
    where refused_because is null
),

contact_points as (
    select * from {{ ref('int_identity__contact_points') }}
),

shared as (
    select * from {{ ref('int_identity__shared_contact_points') }}
),

record_versions as (
    select * from {{ ref('int_identity__record_versions') }}
),

leavers as (
    select
        record_id,
        customer_id,
        customer_id_before,
        valid_from as happened_on
    from memberships
    where customer_id_before is not null
),

-- What was delivered on that day about the record that left.
causes as (
    select
        leavers.customer_id,
        leavers.customer_id_before,
        leavers.happened_on,
        case when known_links.is_match then 'known match' else 'known non-match' end as cause,
        known_links.source_system as caused_by_system,
        known_links.delivery_id as caused_by_delivery_id,
        1 as cause_order
    from leavers
    inner join known_links
        on leavers.happened_on = known_links.valid_from
        and (leavers.record_id = known_links.left_record_id or leavers.record_id = known_links.right_record_id)

    union all

    select
        leavers.customer_id,
        leavers.customer_id_before,
        leavers.happened_on,
        'shared contact point' as cause,
        holders.source_system as caused_by_system,
        holders.delivery_id as caused_by_delivery_id,
        2 as cause_order
    from leavers
    inner join shared
        on leavers.happened_on = shared.shared_since
    -- Of whichever record of the customer the link was made with it.
    inner join memberships
        on leavers.customer_id_before = memberships.customer_id
        and leavers.happened_on > memberships.valid_from
        and leavers.happened_on <= memberships.valid_to
    inner join contact_points
        on memberships.record_id = contact_points.record_id
        and {{ contact_point_of('contact_points', 'shared.field') }} = shared.contact_value
    -- The delivery that brought one holder too many.
    inner join contact_points as holders
        on leavers.happened_on = holders.valid_from
        and {{ contact_point_of('holders', 'shared.field') }} = shared.contact_value

    union all

    -- A lead that its system now gives to another customer.
    select
        leavers.customer_id,
        leavers.customer_id_before,
        leavers.happened_on,
        'changed record' as cause,
        record_versions.source_system as caused_by_system,
        record_versions.delivery_id as caused_by_delivery_id,
        3 as cause_order
    from leavers
    inner join record_versions
        on leavers.record_id = record_versions.record_id
        and leavers.happened_on = record_versions.valid_from

    union all

    -- Where a non-match keeps two parts of one component asunder, new links may draw the line elsewhere.
    select
        leavers.customer_id,
        leavers.customer_id_before,
        leavers.happened_on,
        'stronger links' as cause,
        links.caused_by_system,
        links.caused_by_delivery_id,
        4 as cause_order
    from leavers
    inner join memberships
        on leavers.customer_id_before = memberships.customer_id
        and leavers.happened_on >= memberships.valid_from
        and leavers.happened_on < memberships.valid_to
    inner join links
        on memberships.record_id = links.left_record_id
        and leavers.happened_on = links.valid_from
),

ranked as (
    select
        *,
        row_number() over (
            partition by customer_id, customer_id_before, happened_on
            order by cause_order, cause, caused_by_system, caused_by_delivery_id
        ) as cause_rank
    from causes
),

final as (
    select
        customer_id,
        customer_id_before,
        happened_on,
        cause,
        caused_by_system,
        caused_by_delivery_id
    from ranked
    where cause_rank = 1
)

select * from final

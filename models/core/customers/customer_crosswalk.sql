with

records as (
    select * from {{ ref('int_identity__records') }}
),

memberships as (
    select * from {{ ref('int_identity__memberships') }}
    where valid_to = cast('9999-12-31' as date)
),

links as (
    select * from {{ ref('int_identity__links') }}
    where valid_to = cast('9999-12-31' as date)
),

-- What holds a record in its customer is the strongest of its links to the other records.
bonds as (
    select
        links.left_record_id as record_id,
        links.right_record_id as other_record_id,
        links.match_rule,
        links.match_probability,
        links.strength
    from links

    union all

    select
        links.right_record_id as record_id,
        links.left_record_id as other_record_id,
        links.match_rule,
        links.match_probability,
        links.strength
    from links
),

strongest as (
    select
        bonds.record_id,
        bonds.match_rule,
        bonds.match_probability,
        row_number() over (
            partition by bonds.record_id order by bonds.strength desc, bonds.other_record_id asc, bonds.match_rule asc
        ) as bond_rank
    from bonds
    inner join memberships
        on bonds.record_id = memberships.record_id
    inner join memberships as neighbours
        on bonds.other_record_id = neighbours.record_id
        and memberships.customer_id = neighbours.customer_id
),

resolved as (
    select
        records.record_id,
        records.record_kind,
        records.source_system,
        records.source_customer_id,
        memberships.customer_id,
        -- A customer of which there are leads only has not bought yet.
        max(case when records.record_kind = 'customer' then 1 else 0 end) over (partition by memberships.customer_id) = 0 as is_prospect,
        records.first_seen_on,
        records.is_deleted
    from records
    inner join memberships
        on records.record_id = memberships.record_id
),

final as (
    select
        resolved.source_system,
        resolved.source_customer_id,
        resolved.record_kind,
        resolved.record_id,
        resolved.customer_id,
        coalesce(strongest.match_rule, 'own record') as match_rule,
        coalesce(strongest.match_probability, cast(1 as double)) as match_probability,
        resolved.first_seen_on,
        resolved.is_prospect,
        resolved.is_deleted
    from resolved
    left join strongest
        on resolved.record_id = strongest.record_id
        and strongest.bond_rank = 1
)

select * from final

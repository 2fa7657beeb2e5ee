with

memberships as (
    select * from {{ ref('int_identity__memberships') }}
),

records as (
    select * from {{ ref('int_identity__records') }}
),

links as (
    select * from {{ ref('int_identity__links') }}
),

known_links as (
    select * from {{ ref('int_identity__known_links') }}
    where refused_because is null
),

contradictions as (
    select * from {{ ref('int_identity__contradictions') }}
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

-- A customer bears the number of its oldest record, so what happens to that record happens to the customer.
named as (
    select
        *,
        case
            when customer_id_before is null then 'created'
            when customer_id_before = record_id then 'merged'
            when customer_id = record_id then 'split'
            else 'moved'
        end as event_kind
    from memberships
    where customer_id_before is not null or customer_id = record_id
),

-- A record that goes along with its customer into another, or with a part that split_causes off, is no event of its own.
gone_along as (
    select
        named.record_id,
        named.valid_from
    from named
    inner join named as leaders
        on named.valid_from = leaders.valid_from
        and named.customer_id_before = leaders.record_id
        and named.customer_id = leaders.customer_id
        and leaders.event_kind = 'merged'
    where named.event_kind = 'moved'

    union distinct

    select
        named.record_id,
        named.valid_from
    from named
    inner join named as leaders
        on named.valid_from = leaders.valid_from
        and named.customer_id = leaders.record_id
        and named.customer_id_before = leaders.customer_id_before
        and leaders.event_kind = 'split'
    where named.event_kind = 'moved'
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

-- A merge: the strongest link of the day between a record that left its customer, or came anew, and one of the customer joined.
links_of_records as (
    select
        left_record_id as record_id,
        right_record_id as other_record_id,
        *
    from links

    union all

    select
        right_record_id as record_id,
        left_record_id as other_record_id,
        *
    from links
),

joining as (
    select
        members_before.customer_id as customer_id_before,
        members.customer_id,
        joined.valid_from as happened_on,
        joined.match_rule as cause,
        joined.caused_by_system,
        joined.caused_by_delivery_id,
        row_number() over (
            partition by members_before.customer_id, members.customer_id, joined.valid_from
            order by joined.strength desc, joined.left_record_id asc, joined.right_record_id asc, joined.match_rule asc
        ) as cause_rank
    from links_of_records as joined
    inner join memberships as members
        on joined.record_id = members.record_id
        and joined.valid_from >= members.valid_from
        and joined.valid_from < members.valid_to
    inner join memberships as partners
        on joined.other_record_id = partners.record_id
        and joined.valid_from >= partners.valid_from
        and joined.valid_from < partners.valid_to
        and members.customer_id = partners.customer_id
    inner join memberships as members_before
        on joined.record_id = members_before.record_id
        and joined.valid_from > members_before.valid_from
        and joined.valid_from <= members_before.valid_to
    left join memberships as partners_before
        on joined.other_record_id = partners_before.record_id
        and joined.valid_from > partners_before.valid_from
        and joined.valid_from <= partners_before.valid_to
    where partners_before.customer_id is null or partners_before.customer_id <> members_before.customer_id
),

ranked_splits as (
    {{ split_causes('leavers', 'memberships', 'known_links', 'contact_points', 'shared', 'record_versions', 'links', 'contradictions') }}
),

final as (
    select
        {{ dbt.concat(["named.event_kind", "':'", "named.record_id", "'@'", "cast(named.valid_from as " ~ dbt.type_string() ~ ")"]) }} as event_id,
        named.event_kind,
        named.valid_from as happened_on,
        case when named.event_kind = 'moved' then named.customer_id else named.record_id end as customer_id,
        case
            when named.event_kind = 'merged' then named.customer_id
            when named.event_kind in ('split', 'moved') then named.customer_id_before
        end as other_customer_id,
        records.record_kind,
        records.source_system,
        records.source_customer_id,
        case
            when named.event_kind = 'created' then 'new record'
            when named.event_kind = 'split' then coalesce(split_causes.cause, 'a link that no longer holds')
            else coalesce(merge_causes.cause, split_causes.cause, 'a non-match that no longer holds')
        end as cause,
        case
            when named.event_kind = 'created' then records.source_system
            when named.event_kind = 'split' then split_causes.caused_by_system
            else coalesce(merge_causes.caused_by_system, split_causes.caused_by_system)
        end as caused_by_system,
        case
            when named.event_kind = 'created' then records.first_delivery_id
            when named.event_kind = 'split' then split_causes.caused_by_delivery_id
            else coalesce(merge_causes.caused_by_delivery_id, split_causes.caused_by_delivery_id)
        end as caused_by_delivery_id
    from named
    inner join records
        on named.record_id = records.record_id
    left join gone_along
        on named.record_id = gone_along.record_id
        and named.valid_from = gone_along.valid_from
    left join joining as merge_causes
        on named.valid_from = merge_causes.happened_on
        and named.customer_id_before = merge_causes.customer_id_before
        and named.customer_id = merge_causes.customer_id
        and merge_causes.cause_rank = 1
    left join ranked_splits as split_causes
        on named.valid_from = split_causes.happened_on
        and named.customer_id_before = split_causes.customer_id_before
        and named.customer_id = split_causes.customer_id
        and split_causes.cause_rank = 1
    where gone_along.record_id is null
)

select * from final

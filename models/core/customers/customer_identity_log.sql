with

memberships as (
    select * from {{ ref('int_identity__memberships') }}
),

records as (
    select * from {{ ref('int_identity__records') }}
),

merge_causes as (
    select * from {{ ref('int_identity__merge_causes') }}
),

split_causes as (
    select * from {{ ref('int_identity__split_causes') }}
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

-- A record that goes along with its customer into another, or with a part that splits off, is no event of its own.
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
            else coalesce(merge_causes.match_rule, split_causes.cause, 'a non-match that no longer holds')
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
    left join merge_causes
        on named.valid_from = merge_causes.happened_on
        and named.customer_id_before = merge_causes.merged_customer_id
        and named.customer_id = merge_causes.customer_id
    left join split_causes
        on named.valid_from = split_causes.happened_on
        and named.customer_id_before = split_causes.customer_id_before
        and named.customer_id = split_causes.customer_id
    where gone_along.record_id is null
)

select * from final

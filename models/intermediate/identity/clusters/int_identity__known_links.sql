with

versions as (
    select * from {{ ref('stg_crm__customer_links') }}
),

contact_points as (
    select
        record_id,
        customer_kind,
        valid_from
    from {{ ref('int_identity__contact_points') }}
),

kinds as (
    {{ record_kinds('contact_points') }}
),

named as (
    select
        *,
        {{ record_key("'customer'", 'left_source_system', 'left_customer_id') }} as named_left_id,
        {{ record_key("'customer'", 'right_source_system', 'right_customer_id') }} as named_right_id,
        row_number() over (
            partition by source_system, left_source_system, left_customer_id, right_source_system, right_customer_id, delivered_on
            order by {{ delivery_content('delivery_id') }} desc nulls last
        ) as day_rank
    from versions
),

worded as (
    select
        *,
        cast(is_match as {{ dbt.type_string() }}) || cast(is_deleted as {{ dbt.type_string() }})
        || coalesce(cast(decided_on as {{ dbt.type_string() }}), '') as decision
    from named
    where day_rank = 1
),

followed as (
    select
        *,
        lag(decision) over (partition by source_system, named_left_id, named_right_id order by delivered_on) as decision_before
    from worded
),

-- A decision that is delivered again and again is one decision.
dated as (
    select
        source_system,
        delivery_id,
        is_match,
        is_deleted,
        decided_on,
        least(named_left_id, named_right_id) as left_record_id,
        greatest(named_left_id, named_right_id) as right_record_id,
        delivered_on as valid_from,
        coalesce(
            lead(delivered_on) over (partition by source_system, named_left_id, named_right_id order by delivered_on),
            cast('9999-12-31' as date)
        ) as valid_to
    from followed
    where decision_before is null or decision <> decision_before
),

days as (
    select distinct
        left_record_id,
        right_record_id,
        valid_from
    from dated
),

-- Of several decisions on one pair that hold on a day the last one counts; of two of one day the one that keeps apart.
decisions as (
    select
        days.left_record_id,
        days.right_record_id,
        days.valid_from,
        dated.source_system,
        dated.delivery_id,
        dated.is_match,
        min(cast(dated.is_match as integer)) over (partition by days.left_record_id, days.right_record_id, days.valid_from)
        < max(cast(dated.is_match as integer)) over (partition by days.left_record_id, days.right_record_id, days.valid_from) as is_contradicted,
        row_number() over (
            partition by days.left_record_id, days.right_record_id, days.valid_from
            order by
                dated.decided_on desc nulls last, cast(dated.is_match as integer) asc, dated.source_system asc,
                {{ delivery_content('dated.delivery_id') }} asc
        ) as decision_rank
    from days
    left join dated
        on days.left_record_id = dated.left_record_id
        and days.right_record_id = dated.right_record_id
        and days.valid_from >= dated.valid_from
        and days.valid_from < dated.valid_to
        and not dated.is_deleted
),

held as (
    select
        *,
        coalesce(
            lead(valid_from) over (partition by left_record_id, right_record_id order by valid_from), cast('9999-12-31' as date)
        ) as valid_to
    from decisions
    where decision_rank = 1
),

final as (
    select
        held.left_record_id,
        held.right_record_id,
        held.is_match,
        held.is_contradicted,
        -- A decision on a record that comes later holds from then on, and one on records of two kinds does not hold.
        greatest(held.valid_from, coalesce(lefts.valid_from, held.valid_from), coalesce(rights.valid_from, held.valid_from)) as valid_from,
        least(held.valid_to, coalesce(lefts.valid_to, held.valid_to), coalesce(rights.valid_to, held.valid_to)) as valid_to,
        held.source_system,
        held.delivery_id,
        case
            when held.left_record_id = held.right_record_id then 'a record linked to itself'
            when lefts.record_id is null or rights.record_id is null then 'a record that no system delivers'
            when held.is_match and lefts.customer_kind <> rights.customer_kind then 'a person linked to an organisation'
        end as refused_because
    from held
    left join kinds as lefts
        on held.left_record_id = lefts.record_id
        and held.valid_from < lefts.valid_to
        and held.valid_to > lefts.valid_from
    left join kinds as rights
        on held.right_record_id = rights.record_id
        and held.valid_from < rights.valid_to
        and held.valid_to > rights.valid_from
    where
        -- A day on which every decision on the pair was withdrawn only ends the one before.
        held.is_match is not null
        and (lefts.record_id is null or rights.record_id is null or (lefts.valid_from < rights.valid_to and lefts.valid_to > rights.valid_from))
)

select * from final

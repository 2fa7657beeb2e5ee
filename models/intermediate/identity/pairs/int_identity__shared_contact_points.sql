{%- set fields = guarded_fields() -%}

with

contact_points as (
    select
        *,
        left(coalesce(organisation_name, last_name), 1) as initial
    from {{ ref('int_identity__contact_points') }}
),

guards as (
    select * from {{ ref('identity_contact_guards') }}
),

days as (
    select
        first_seen_on as known_on,
        count(*) as record_count
    from {{ ref('int_identity__records') }}
    group by first_seen_on

    union all

    select distinct
        valid_from as known_on,
        0 as record_count
    from contact_points
),

known_records as (
    select
        known_on,
        sum(sum(record_count)) over (order by known_on) as known_count
    from days
    group by known_on
),

held as (
    {%- for field, value in fields.items() %}
    select
        '{{ field }}' as field,
        {{ value }} as contact_value,
        record_id,
        min(valid_from) as held_since,
        min(initial) as initial
    from contact_points
    where {{ field }} is not null
    group by
        {{ value }},
        record_id
    {{- '

    union all
' if not loop.last }}
    {%- endfor %}
),

counted as (
    select
        held.field,
        held.contact_value,
        held.held_since,
        held.initial,
        guards.max_records,
        guards.max_initials,
        guards.max_share,
        count(*) over (partition by held.field, held.contact_value) as record_count,
        count(*) over (partition by held.field, held.contact_value order by held.held_since) as holder_count,
        min(held.held_since) over (partition by held.field, held.contact_value, held.initial) as initial_since,
        min(held.record_id) over (partition by held.field, held.contact_value) as example_record_id
    from held
    inner join guards
        on held.field = guards.field
),

crowded as (
    select * from counted
    where record_count > least(max_records, coalesce(max_initials, max_records))
),

-- Family names are counted by their first letter, which is seldom mistyped.
initials as (
    select
        *,
        dense_rank() over (partition by field, contact_value order by initial_since, initial) as initial_rank
    from crowded
    where initial is not null
),

-- From the delivery on that brought one holder too many, or one family too many.
crossings as (
    select
        crowded.field,
        crowded.contact_value,
        min(crowded.held_since) as shared_since
    from crowded
    inner join known_records
        on crowded.held_since = known_records.known_on
    where crowded.holder_count > greatest(crowded.max_records, coalesce(crowded.max_share, 0) * known_records.known_count)
    group by
        crowded.field,
        crowded.contact_value

    union all

    select
        field,
        contact_value,
        min(held_since) as shared_since
    from initials
    where initial_rank > max_initials
    group by
        field,
        contact_value
),

final as (
    select
        crowded.field,
        crowded.contact_value,
        max(crowded.max_records) as max_records,
        max(crowded.record_count) as record_count,
        min(crossings.shared_since) as shared_since,
        min(crowded.example_record_id) as example_record_id
    from crowded
    inner join crossings
        on crowded.field = crossings.field
        and crowded.contact_value = crossings.contact_value
    group by
        crowded.field,
        crowded.contact_value
)

select * from final

{%- set fields = ['email', 'phone', 'tax_number', 'loyalty_number'] -%}

with

contact_points as (
    select * from {{ ref('int_identity__contact_points') }}
),

guards as (
    select * from {{ ref('identity_contact_guards') }}
),

held as (
    {%- for field in fields %}
    select
        '{{ field }}' as field,
        {{ field }} as contact_value,
        record_id,
        min(valid_from) as held_since
    from contact_points
    where {{ field }} is not null
    group by
        {{ field }},
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
        guards.max_records,
        count(*) over (partition by held.field, held.contact_value) as record_count,
        min(held.record_id) over (partition by held.field, held.contact_value) as example_record_id
    from held
    inner join guards
        on held.field = guards.field
),

ranked as (
    select
        *,
        row_number() over (partition by field, contact_value order by held_since) as holder_rank
    from counted
    where record_count > max_records
),

final as (
    select
        field,
        contact_value,
        max_records,
        record_count,
        -- From the delivery on that brought one holder too many.
        held_since as shared_since,
        example_record_id
    from ranked
    where holder_rank = max_records + 1
)

select * from final

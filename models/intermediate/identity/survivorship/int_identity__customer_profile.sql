{%- set groups = survivorship_groups(personal=true) -%}
{#- What decides whether a group changed, and its parts, the leading one first. -#}
{%- set standardised = {
    'name': ['first_name', 'last_name'],
    'organisation_name': ['organisation_name'],
    'birth_date': ['birth_date'],
    'email': ['email'],
    'phone': ['phone'],
    'address': ['house_number', 'street', 'postal_code', 'city'],
    'tax_number': ['tax_number'],
    'loyalty_number': ['loyalty_number'],
} -%}
{%- set leading = {
    'name': ['first_name || last_name', 'last_name', 'first_name'],
} -%}

with

contact_points as (
    select * from {{ ref('int_identity__contact_points') }}
),

record_values as (
    select * from {{ ref('int_identity__record_values') }}
    where valid_to = cast('9999-12-31' as date)
),

source_trust as (
    select * from {{ ref('int_identity__source_trust') }}
),

memberships as (
    select * from {{ ref('int_identity__memberships') }}
    where valid_to = cast('9999-12-31' as date)
),

records as (
    select
        record_id,
        first_seen_on,
        record_age
    from {{ ref('int_identity__records') }}
),

customers as (
    select
        customer_id,
        is_deleted
    from {{ ref('int_identity__customer_states') }}
    where valid_to = cast('9999-12-31' as date)
),

changed_points as (
    select contact_points.*
    from contact_points
    inner join records
        on contact_points.record_id = records.record_id
    where contact_points.valid_from > records.first_seen_on or contact_points.valid_to < cast('9999-12-31' as date)
),

compared as (
    select
        {%- for group, columns in standardised.items() %}
        {{ is_any_new(columns, 'record_id', 'valid_from') }} as is_new_{{ group }},
        {%- endfor %}
        record_id,
        valid_from
    from changed_points
),

dated as (
    select
        {%- for group in groups %}
        coalesce(max(case when is_new_{{ group }} then valid_from end), min(valid_from)) as {{ group }}_since,
        {%- endfor %}
        record_id
    from compared
    group by record_id
),

members as (
    select
        memberships.customer_id,
        memberships.record_id,
        row_number() over (partition by memberships.customer_id order by records.record_age) as age_position
    from memberships
    inner join records
        on memberships.record_id = records.record_id
),

offered as (
    select
        members.customer_id,
        members.record_id,
        members.age_position,
        record_values.missing_count,
        -- Placeholders are no names, and a name survives as it was typed.
        case when contact_points.first_name is not null then {{ filled('contact_points.first_name_typed') }} end as first_name,
        case when contact_points.last_name is not null then {{ filled('contact_points.last_name_typed') }} end as last_name,
        {{ filled('contact_points.organisation_name_typed') }} as organisation_name,
        contact_points.birth_date,
        contact_points.email,
        contact_points.phone,
        {{ filled('contact_points.address_line_typed') }} as address_line,
        {{ filled('contact_points.postal_code_typed') }} as postal_code,
        record_values.city,
        record_values.region,
        record_values.country_code,
        {%- for group in groups %}
        coalesce(dated.{{ group }}_since, contact_points.valid_from) as {{ group }}_since,
        source_trust.{{ group }}_rule,
        source_trust.{{ group }}_rank,
        {%- endfor %}
        contact_points.tax_number,
        contact_points.loyalty_number
    from members
    inner join customers
        on members.customer_id = customers.customer_id
    inner join record_values
        on members.record_id = record_values.record_id
    inner join contact_points
        on members.record_id = contact_points.record_id
        and contact_points.valid_to = cast('9999-12-31' as date)
    left join dated
        on members.record_id = dated.record_id
    inner join source_trust
        on record_values.source_system = source_trust.source_system
        and record_values.record_kind = source_trust.record_kind
    -- A withdrawn record gives no value while a living one is there.
    where not record_values.is_deleted or customers.is_deleted
),

ordered as (
    select
        {%- for group, columns in groups.items() %}
        {{ survivorship_order(group, leading.get(group, columns)) }} as {{ group }}_order,
        {%- endfor %}
        *
    from offered
),

final as (
    select
        {%- for group, columns in groups.items() %}
        {{ surviving(columns, group ~ '_order') | indent(8) }},
        min_by(record_id, {{ group }}_order) as {{ group }}_record_id,
        {%- endfor %}
        customer_id
    from ordered
    group by customer_id
)

select * from final

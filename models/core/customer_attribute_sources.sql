{#- Attribute -> its group. The address of the golden record has its place in common with the customer's where they come from
    one record; the place that is published is named. -#}
{%- set published = {} -%}
{%- for group, columns in survivorship_groups().items() -%}
    {%- for column in columns -%}{%- do published.update({column: group}) -%}{%- endfor -%}
{%- endfor -%}
{%- do published.update({'created_on': 'created_on'}) -%}
{%- set private = {} -%}
{%- for group, columns in survivorship_groups(personal=true).items() -%}
    {%- for column in columns if column not in published -%}{%- do private.update({column: group}) -%}{%- endfor -%}
{%- endfor -%}

with

states as (
    select * from {{ ref('int_identity__customer_states') }}
    where valid_to = cast('9999-12-31' as date)
),

profiles as (
    select * from {{ ref('int_identity__customer_profile') }}
),

source_trust as (
    select * from {{ ref('int_identity__source_trust') }}
),

records as (
    select
        record_id,
        record_kind,
        source_system,
        source_customer_id
    from {{ ref('int_identity__records') }}
),

attributes as (
    {%- for attribute in published.keys() | list + private.keys() | list %}
    select '{{ attribute }}' as attribute
    {{- '

    union all
' if not loop.last }}
    {%- endfor %}
),

survived as (
    select
        states.customer_id,
        attributes.attribute,
        case attributes.attribute
            {%- for attribute, group in published.items() %}
            when '{{ attribute }}' then case when states.{{ attribute }} is not null then states.{{ group }}_record_id end
            {%- endfor %}
            {%- for attribute, group in private.items() %}
            when '{{ attribute }}' then case when profiles.{{ attribute }} is not null then profiles.{{ group }}_record_id end
            {%- endfor %}
        end as record_id
    from states
    inner join profiles
        on states.customer_id = profiles.customer_id
    cross join attributes
),

final as (
    select
        survived.customer_id,
        survived.attribute,
        case survived.attribute
            {%- for attribute, group in (published.items() | list + private.items() | list) if attribute != 'created_on' %}
            when '{{ attribute }}' then source_trust.{{ group }}_rule
            {%- endfor %}
            else 'oldest'
        end as rule,
        records.source_system,
        records.record_kind,
        records.source_customer_id
    from survived
    inner join records
        on survived.record_id = records.record_id
    inner join source_trust
        on records.source_system = source_trust.source_system
        and records.record_kind = source_trust.record_kind
)

select * from final

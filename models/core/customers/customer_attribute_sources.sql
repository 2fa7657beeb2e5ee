{#- Attribute -> its group. The golden record has an address of its own; the place that is published is named here. -#}
{%- set published = {} -%}
{%- for group, columns in survivorship_groups().items() %}
{%- for column in columns %}
{%- do published.update({column: group}) %}
{%- endfor %}
{%- endfor %}
{%- set private = {} -%}
{%- for group, columns in survivorship_groups(personal=true).items() %}
{%- for column in columns if column not in published %}
{%- do private.update({column: group}) %}
{%- endfor %}
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

survived as (
    {%- for attributes, relation in [(published, 'states'), (private, 'profiles')] %}
    {%- for attribute, group in attributes.items() %}
    select
        customer_id,
        '{{ attribute }}' as attribute,
        '{{ group }}' as attribute_group,
        {{ group }}_record_id as record_id
    from {{ relation }}
    where {{ attribute }} is not null

    union all
    {%- endfor %}
    {%- endfor %}

    select
        customer_id,
        'created_on' as attribute,
        'created_on' as attribute_group,
        created_on_record_id as record_id
    from states
    where created_on is not null
),

rules as (
    {%- for group in survivorship_groups().keys() | list + survivorship_groups(personal=true).keys() | list %}
    select
        '{{ group }}' as attribute_group,
        max({{ group }}_rule) as rule
    from source_trust

    union all
    {%- endfor %}

    select
        'created_on' as attribute_group,
        'oldest' as rule
),

final as (
    select
        survived.customer_id,
        survived.attribute,
        rules.rule,
        records.source_system,
        records.record_kind,
        records.source_customer_id
    from survived
    inner join records
        on survived.record_id = records.record_id
    inner join rules
        on survived.attribute_group = rules.attribute_group
)

select * from final

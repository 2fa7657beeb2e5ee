-- Proves that every value of dim_customer that a record gave names that record in customer_attribute_sources, and nothing
-- else does: the record belongs to the customer, is not withdrawn while the customer has a living one, says the same (which
-- customer a parent is apart), and is named exactly where there is a value; a parent that only the name of the customer names
-- has no record. Returns customers and attributes for which that does not hold.

{%- set attributes = survivorship_groups().values() | sum(start=[]) + ['created_on'] %}
{%- set has_value = {
    'territory_id': 'territory_id <> ' ~ unknown_member(),
    'sales_rep_id': 'sales_rep_id <> ' ~ unknown_member(),
    'parent_customer_id': "(parent_source = 'delivered' or has_parent_cycle)",
} %}

with

customers as (
    select * from {{ ref('dim_customer') }}
    where not is_unattributed
),

crosswalk as (
    select * from {{ ref('customer_crosswalk') }}
),

sources as (
    select * from {{ ref('customer_attribute_sources') }}
),

records as (
    select * from {{ ref('int_identity__records') }}
),

record_values as (
    select * from {{ ref('int_identity__record_values') }}
    where valid_to = cast('9999-12-31' as date)
),

said as (
    select
        sources.attribute as attribute_name,
        customers.*,
        {%- for attribute in attributes if attribute != 'parent_customer_id' %}
        record_values.{{ attribute }} as said_{{ attribute }},
        {%- endfor %}
        records.record_id
    from sources
    inner join customers
        on sources.customer_id = customers.customer_id
    inner join records
        on sources.source_system = records.source_system
        and sources.record_kind = records.record_kind
        and sources.source_customer_id = records.source_customer_id
    inner join record_values
        on records.record_id = record_values.record_id
),

valued as (
    {%- for attribute in attributes %}
    select
        customer_id,
        '{{ attribute }}' as attribute_name,
        1 as value_count,
        0 as source_count
    from customers
    where {{ has_value.get(attribute, attribute ~ ' is not null') }}

    union all
    {%- endfor %}

    select
        customer_id,
        attribute as attribute_name,
        0 as value_count,
        1 as source_count
    from sources
    where attribute in ('{{ attributes | join("', '") }}')
)

select
    customer_id,
    attribute_name,
    'values and sources differ' as fault
from valued
group by
    customer_id,
    attribute_name
having sum(value_count) <> 1 or sum(source_count) <> 1

union all

select
    sources.customer_id,
    sources.attribute as attribute_name,
    'the record is not of this customer, or withdrawn' as fault
from sources
left join crosswalk
    on sources.source_system = crosswalk.source_system
    and sources.record_kind = crosswalk.record_kind
    and sources.source_customer_id = crosswalk.source_customer_id
    and sources.customer_id = crosswalk.customer_id
left join customers
    on sources.customer_id = customers.customer_id
where
    crosswalk.customer_id is null
    or customers.customer_id is null
    or (crosswalk.is_deleted and not customers.is_deleted)

union all

select
    customer_id,
    attribute_name,
    'the record says something else' as fault
from said
where
    1 = 0
    {%- for attribute in attributes if attribute != 'parent_customer_id' %}
    or (attribute_name = '{{ attribute }}' and coalesce({{ attribute }} <> said_{{ attribute }}, true))
    {%- endfor %}

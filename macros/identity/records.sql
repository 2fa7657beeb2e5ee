{#- Key of a customer record or lead over all systems, and the enterprise ID that it is born with. The name of a system holds
    no slash, so a lead never has the key of a customer. -#}
{% macro record_key(record_kind, system, number) -%}
    case when {{ record_kind }} = 'lead' then {{ system }} || '/lead:' || {{ number }} else {{ conformed_key(system, number) }} end
{%- endmacro %}


{#- Text that sorts records from the oldest to the youngest: by the day of the delivery that first held them, then by the day on
    which their system created them. What is delivered on a later day never changes it, nor does the order of rows or of landings. -#}
{% macro record_age(first_seen_on, created_on, record_id) -%}
    cast({{ first_seen_on }} as {{ dbt.type_string() }}) || ' '
    || coalesce(cast({{ created_on }} as {{ dbt.type_string() }}), '9999-12-31') || ' ' || {{ record_id }}
{%- endmacro %}


{#- Select of which kind of customer every record is, from when until when: record_id, customer_kind, valid_from, valid_to. A record
    keeps its kind over many changes of its contact points.

    contact_points: CTE with record_id, customer_kind and valid_from, one row a state. -#}
{% macro record_kinds(contact_points) -%}
    select
        record_id,
        customer_kind,
        valid_from,
        coalesce(lead(valid_from) over (partition by record_id order by valid_from), cast('9999-12-31' as date)) as valid_to
    from (
        select
            record_id,
            customer_kind,
            valid_from,
            lag(customer_kind) over (partition by record_id order by valid_from) as customer_kind_before
        from {{ contact_points }}
    ) as followed
    where customer_kind_before is null or customer_kind <> customer_kind_before
{%- endmacro %}


{#- Name of a record on the day of a change: links are followed day by day in one graph. -#}
{% macro epoch_node(record_id, epoch) -%}
    {{ record_id }} || '@' || cast({{ epoch }} as {{ dbt.type_string() }})
{%- endmacro %}


{#- Contact points that are no evidence once more records or families hold one than one customer can have: field -> expression of its value. -#}
{% macro guarded_fields(contact_points=none) -%}
    {%- set prefix = contact_points ~ '.' if contact_points else '' -%}
    {%- set fields = {} -%}
    {%- for field in ['email', 'phone', 'tax_number', 'loyalty_number'] -%}
        {%- do fields.update({field: prefix ~ field}) -%}
    {%- endfor -%}
    {%- do fields.update({'birth_date': 'cast(' ~ prefix ~ 'birth_date as ' ~ dbt.type_string() ~ ')'}) -%}
    {{ return(fields) }}
{%- endmacro %}

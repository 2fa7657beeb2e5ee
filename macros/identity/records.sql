{#- Key of a customer record or lead over all systems, and the enterprise ID that it is born with. The name of a system holds
    no slash, so a lead never has the key of a customer. -#}
{% macro record_key(record_kind, system, number) -%}
    case when {{ record_kind }} = 'lead' then {{ system }} || '/lead:' || {{ number }} else {{ conformed_key(system, number) }} end
{%- endmacro %}


{#- Text that sorts records from the oldest to the youngest: by the delivery that first held them, then by the day on which
    their system created them. A later delivery never changes it, nor does the order of rows. -#}
{% macro record_age(first_seen_on, delivery_id, created_on, record_id) -%}
    cast({{ first_seen_on }} as {{ dbt.type_string() }}) || ' ' || coalesce(left({{ delivery_id }}, 4), '0000') || ' '
    || coalesce(cast({{ created_on }} as {{ dbt.type_string() }}), '9999-12-31') || ' ' || {{ record_id }}
{%- endmacro %}


{#- Name of a record on the day of a change: links are followed day by day in one graph. -#}
{% macro epoch_node(record_id, epoch) -%}
    {{ record_id }} || '@' || cast({{ epoch }} as {{ dbt.type_string() }})
{%- endmacro %}


{#- Value of a record's guarded contact point of the kind that a column names.

    record: alias of a relation with the standardised contact points.
    field: column with the kind: email, phone, tax_number or loyalty_number. -#}
{% macro contact_point_of(record, field) -%}
    case {{ field }}
        {%- for kind in ['email', 'phone', 'tax_number', 'loyalty_number'] %}
        when '{{ kind }}' then {{ record }}.{{ kind }}
        {%- endfor %}
    end
{%- endmacro %}

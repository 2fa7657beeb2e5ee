{#- Groups of attributes that survive together, with their columns. A group is what the seeds identity_survivorship and
    identity_source_trust name. The parts of a name or an address come from one record: mixed parts would be nobody's.

    personal: the groups that stay in the golden record of intermediate, else those that reach core. -#}
{% macro survivorship_groups(personal=false) -%}
    {%- set published = {
        'customer_kind': ['customer_kind'],
        'industry': ['industry'],
        'size_class': ['size_class'],
        'place': ['city', 'region', 'country_code'],
        'parent_customer_id': ['parent_customer_id'],
        'territory_id': ['territory_id'],
        'sales_rep_id': ['sales_rep_id'],
    } -%}
    {%- set private = {
        'name': ['first_name', 'last_name'],
        'organisation_name': ['organisation_name'],
        'birth_date': ['birth_date'],
        'email': ['email'],
        'phone': ['phone'],
        'address': ['address_line', 'postal_code', 'city', 'region', 'country_code'],
        'tax_number': ['tax_number'],
        'loyalty_number': ['loyalty_number'],
    } -%}
    {{- return(private if personal else published) -}}
{%- endmacro %}


{#- Place of a record among those that offer a value: the least survives. Null where the record offers none.

    One number, compared digit by digit from the left: how many leading parts of the group are missing, then by rule
        most_trusted   rank of the system, then the newest value, then the oldest record
        most_recent    the newest value, then rank, then the oldest record
        most_complete  the fewest empty attributes, then as most_trusted.

    group: group of attributes; its columns <group>_rule, <group>_rank and <group>_since are read.
    parts: expressions of the group's values, the leading one first; a record without it stands behind all that have it.
    missing_count: attributes that the record leaves empty, at most 99.
    age_position: place of the record among those of its customer, oldest first, below 10^6.

    <group>_rank is at most 999, <group>_since a date: 19 digits in all, which a bigint holds. -#}
{% macro survivorship_order(group, parts, missing_count='missing_count', age_position='age_position') -%}
    {%- set newest_first = "cast(" ~ dbt.datediff(group ~ '_since', "cast('9999-12-31' as date)", 'day') ~ " as bigint)" -%}
    case
        {%- for part in parts %}
        when {{ part }} is not null then {{ loop.index0 }} * cast(1000000000000000000 as bigint)
        {%- endfor %}
    end
    + case {{ group }}_rule
        when 'most_recent' then {{ newest_first }} * cast(1000000000 as bigint) + {{ group }}_rank * cast(1000000 as bigint)
        else
            case when {{ group }}_rule = 'most_complete' then {{ missing_count }} else 0 end * cast(10000000000000000 as bigint)
            + {{ group }}_rank * cast(10000000000000 as bigint)
            + {{ newest_first }} * cast(1000000 as bigint)
    end
    + {{ age_position }}
{%- endmacro %}


{#- Place of a record among those that offer a date, the oldest first, then the oldest record. -#}
{% macro oldest_first(date, age_position='age_position') -%}
    cast({{ dbt.datediff("cast('0001-01-01' as date)", date, 'day') }} as bigint) * cast(1000000 as bigint) + {{ age_position }}
{%- endmacro %}


{#- Aggregates of the surviving values of a group.

    columns: the group's values; texts where there are several.
    order: place of the record among those that offer a value. -#}
{% macro surviving(columns, order) -%}
    {%- if columns | length == 1 -%}
        min_by({{ columns[0] }}, {{ order }}) as {{ columns[0] }}
    {%- else -%}
        {#- DuckDB's min_by passes over empty values, which would mix the parts of two records. -#}
        {%- for column in columns -%}
            {{ ',\n' if not loop.first }}nullif(min_by(coalesce({{ column }}, ''), {{ order }}), '') as {{ column }}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}


{#- Text of a system without spaces around it; null where nothing is left. -#}
{% macro filled(text) -%}
    nullif({{ trimmed(text) }}, '')
{%- endmacro %}


{#- Number of texts that are empty.

    columns: their columns.
    alias: table alias to put before each. -#}
{% macro empty_count(columns, alias) -%}
    {%- for column in columns -%}
        {{ ' + ' if not loop.first }}case when {{ filled(alias ~ '.' ~ column) }} is null then 1 else 0 end
    {%- endfor -%}
{%- endmacro %}


{#- Whether a value differs from the one before it; empty values are like each other.

    value: column.
    within, by: columns that the rows are partitioned and ordered by. -#}
{% macro is_new_value(value, within, by) -%}
    {%- set before = 'lag(' ~ value ~ ') over (partition by ' ~ within ~ ' order by ' ~ by ~ ')' -%}
    not coalesce({{ value }} = {{ before }}, {{ value }} is null and {{ before }} is null)
{%- endmacro %}


{#- Whether any of several values differs from the one before it. -#}
{% macro is_any_new(values, within, by) -%}
    {%- for value in values -%}
        {{ ' or ' if not loop.first }}{{ is_new_value(value, within, by) }}
    {%- endfor -%}
{%- endmacro %}

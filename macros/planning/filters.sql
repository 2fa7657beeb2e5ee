{#- Traits of customers that changes may name, columns of dim_customer. -#}
{% macro plan_traits() -%}
    {{ return(['territory_id', 'industry', 'sales_rep_id']) }}
{%- endmacro %}


{#- What divides a cell where a change names it, and is empty else: traits of customers, and what they buy. -#}
{% macro plan_parts() -%}
    {{ return(plan_traits() + ['product_group']) }}
{%- endmacro %}


{#- Condition that a change reaches a row: a filter that it leaves empty reaches all.

    row: relation with the columns; columns: names. -#}
{% macro is_reached_by(row, columns) -%}
    {%- for column in columns -%}
        {{ '
        and ' if not loop.first }}coalesce(changes.{{ column }}, {{ row }}.{{ column }}) = {{ row }}.{{ column }}
    {%- endfor %}
{%- endmacro %}


{#- Condition that two relations have the same in all these columns, none of them empty.

    left, right: relations; columns: names. -#}
{% macro same_columns(left, right, columns) -%}
    {%- for column in columns -%}
        {{ '
        and ' if not loop.first }}{{ left }}.{{ column }} = {{ right }}.{{ column }}
    {%- endfor %}
{%- endmacro %}

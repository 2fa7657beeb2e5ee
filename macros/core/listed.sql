{#- A relation of one column with the texts given, to cross join with: columns that become rows are read once this way, not once each.

    values: list of texts; relation, column: its names. -#}
{% macro listed(values, relation, column) -%}
    (values {% for value in values %}({{ sql_literals([value]) }}){{ ', ' if not loop.last }}{% endfor %}) as {{ relation }} ({{ column }})
{%- endmacro %}

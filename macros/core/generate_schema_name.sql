{#- Schemas are the rooms of the house, the same in every target: staging, intermediate, reference, core, marts. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ custom_schema_name | trim if custom_schema_name else target.schema }}
{%- endmacro %}

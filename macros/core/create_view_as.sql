{# A view names what it reads without the database, so that whoever attaches the file under another name can read it. #}
{% macro duckdb__create_view_as(relation, sql) -%}
    {%- set within = sql | replace(adapter.quote(relation.database) ~ '.', '') -%}
    {{ return(dbt.duckdb__create_view_as(relation, within)) }}
{%- endmacro %}

{#- dbt's own, but that the SQL of a seed is not written down. dbt writes what it ran to `target/run/<path of the file>`; for a seed in a
    folder named by an absolute path that is the seed itself, and the rules of a company would be overwritten with SQL. -#}
{% macro noop_statement(name=None, message=None, code=None, rows_affected=None, res=None) -%}
    {%- set sql = caller() -%}
    {%- if name == 'main' and model.resource_type != 'seed' -%}
        {{ write(sql) }}
    {%- endif -%}
    {%- if name is not none -%}
        {{ store_raw_result(name, message=message, code=code, rows_affected=rows_affected, agate_table=res) }}
    {%- endif -%}
{%- endmacro %}

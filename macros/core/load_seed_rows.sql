{#- dbt-spark's own binds values by name of their Python type: an empty cell comes out as the text None, and a quote inside a text ends
    it. Rules of another company have both, so the rows are written as literals. -#}
{% macro spark__load_csv_rows(model, agate_table) -%}
    {%- set types = model['config'].get('column_types', {}) -%}
    {%- set statements = [] -%}
    {%- for chunk in agate_table.rows | batch(500) -%}
        {%- set sql -%}
            insert into {{ this.render() }} values
            {%- for row in chunk %}
                ({%- for value in row -%}
                    {%- set name = agate_table.column_names[loop.index0] -%}
                    cast({{ spark_text(value) }} as {{ types.get(name, adapter.convert_type(agate_table, loop.index0)) }})
                    {{- ', ' if not loop.last }}
                {%- endfor -%})
                {{- ',' if not loop.last }}
            {%- endfor %}
        {%- endset -%}
        {%- do adapter.add_query(sql, abridge_sql_log=True) -%}
        {%- do statements.append(sql) -%}
    {%- endfor -%}
    {{ return(statements[0]) }}
{%- endmacro %}


{#- Spark's literal of a text, or null. -#}
{% macro spark_text(value) -%}
    {%- if value is none -%}
        null
    {%- else -%}
        '{{ value | string | replace("\\", "\\\\") | replace("'", "\\'") }}'
    {%- endif -%}
{%- endmacro %}

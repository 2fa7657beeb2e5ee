{#- A table, made anew in one transaction: the one before stays where it fails. dbt's own makes it under another name, renames twice and asks
    the catalogue on the way, which over all models took longer than most of their queries. -#}
{% materialization table, adapter='duckdb', supported_languages=['sql', 'python'] %}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set before = load_cached_relation(this) -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {%- set drop_before -%}
        {%- if before is not none %}drop {{ before.type }} if exists {{ before.render() }};{% endif -%}
    {%- endset -%}

    {%- if model['language'] == 'python' -%}
        {#- It runs on a connection of its own, which does not see this transaction. -#}
        {%- set made = make_intermediate_relation(target_relation) -%}
        {{ drop_relation_if_exists(load_cached_relation(made)) }}
        {%- call statement('main', language='python') -%}
            {{- create_table_as(False, made, compiled_code, 'python') -}}
        {%- endcall -%}
        {%- call statement('put_in_place') -%}
            {{ drop_before }} alter table {{ made.render() }} rename to {{ adapter.quote(target_relation.identifier) }}
        {%- endcall -%}
    {%- else -%}
        {%- call statement('main') -%}
            {{ drop_before }}
            {{ create_table_as(False, target_relation, compiled_code) }}
        {%- endcall -%}
    {%- endif -%}

    {% do create_indexes(target_relation) %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {% do describe_table(target_relation) %}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}

    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}


{#- Descriptions of a table and its columns as comments, in one statement where a contract says which columns it has. -#}
{% macro describe_table(relation) -%}
    {%- if not (config.get('contract').enforced and config.persist_column_docs()) -%}
        {{ return(persist_docs(relation, model)) }}
    {%- endif -%}
    {%- set comments = [alter_relation_comment(relation, model.description)] if config.persist_relation_docs() and model.description else [] -%}
    {%- for column in model.columns.values() if column.description -%}
        {%- set name = adapter.quote(column.name) if column.quote else column.name -%}
        {%- do comments.append('comment on column ' ~ relation.render() ~ '.' ~ name ~ ' is ' ~ duckdb_escape_comment(column.description) ~ ';') -%}
    {%- endfor -%}
    {%- if comments -%}
        {%- do run_query(comments | join('\n')) -%}
    {%- endif -%}
{%- endmacro %}


{#- dbt's own check of a contract compares every column with every other in Jinja; here it is asked only for what differs, and says it. -#}
{% macro duckdb__get_assert_columns_equivalent(sql) -%}
    {%- set schemas = [] -%}
    {%- for query in (sql, get_empty_schema_sql(model['columns'])) -%}
        {%- set columns = [] -%}
        {%- for column in get_column_schema_from_query(query) -%}
            {%- do columns.append(column.column | lower ~ ' ' ~ column.dtype) -%}
        {%- endfor -%}
        {%- do schemas.append(columns | sort) -%}
    {%- endfor -%}
    {%- if schemas[0] != schemas[1] -%}
        {{ return(assert_columns_equivalent(sql)) }}
    {%- endif -%}
{%- endmacro %}

{#- A table on Spark, made as dbt-spark makes it, except that the parts of a query which are read more than once become tables of their own while
    it runs. Spark's analyser writes a CTE out wherever it is read, down the whole chain, and its optimiser does so again: a query of forty CTEs
    can grow to a thousand. A contract is held against the table: held against the query, it would have it planned twice. -#}
{% materialization table, adapter='spark', supported_languages=['sql'] %}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set before = load_cached_relation(this) -%}
    {{ run_hooks(pre_hooks) }}
    {%- do adapter.drop_relation(target_relation.incorporate(type=before.type if before else 'table')) -%}
    {%- set parts = query_parts(compiled_code) -%}
    {%- set between = parts_read_often(parts) -%}
    {%- set made = {} -%}
    {%- if between -%}
        {%- do run_query('create schema if not exists ' ~ between_schema()) -%}
    {%- endif -%}
    {%- for name in between -%}
        {%- set table = between_schema() ~ '.' ~ this.schema ~ '__' ~ this.identifier ~ '__' ~ name -%}
        {%- do run_query('drop table if exists ' ~ table) -%}
        {%- do run_query('create table ' ~ table ~ ' as ' ~ query_of_part(parts, name, made)) -%}
        {%- do made.update({name: table}) -%}
    {%- endfor -%}

    {%- set query = query_of_part(parts, '', made) if made else compiled_code -%}
    {%- call statement('main') -%}
        create table {{ target_relation }}
        {{ file_format_clause() }} {{ options_clause() }} {{ tblproperties_clause() }}
        {{ partition_cols(label='partitioned by') }} {{ clustered_cols(label='clustered by') }} {{ location_clause() }} {{ comment_clause() }}
        as
        {{ get_select_subquery(query) if config.get('contract').enforced else query }}
    {%- endcall -%}

    {%- for table in made.values() -%}
        {%- do run_query('drop table ' ~ table) -%}
    {%- endfor -%}
    {%- if config.get('contract').enforced -%}
        {%- do get_assert_columns_equivalent('select * from ' ~ target_relation) -%}
    {%- endif -%}
    {%- do apply_grants(target_relation, config.get('grants'), should_revoke(before, full_refresh_mode=True)) -%}
    {%- do persist_docs(target_relation, model) -%}
    {%- do persist_constraints(target_relation, model) -%}
    {{ run_hooks(post_hooks) }}

    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}


{#- Schema of the tables that stand for parts of a query; empty but while a build runs. -#}
{% macro between_schema() -%}
    parts_of_queries
{%- endmacro %}

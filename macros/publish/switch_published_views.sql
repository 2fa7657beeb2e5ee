{#- Operation: publishes on Spark. Reference, core and marts are copied into a schema of this generation; then the views of the
    schema `published` are switched to it one by one, the manifest last. Readers of a view find one whole table or another.
    The generation before stays for queries that are under way; older ones are dropped.

    run_id, version, code_commit, checked_results, is_partial: what the manifest says of the run. -#}
{% macro switch_published_views(run_id, version, code_commit, checked_results, is_partial='false') %}
    {%- set generation = 'published_' ~ modules.datetime.datetime.now(modules.pytz.utc).strftime('%Y%m%d%H%M%S%f') -%}
    {%- set published = [] -%}
    {%- do run_query('create schema ' ~ generation) -%}
    {%- set counts = [] -%}
    {%- for node in graph.nodes.values() if node.resource_type in ['model', 'seed'] and node.schema in ['reference', 'core', 'marts'] -%}
        {%- do run_query('create table ' ~ generation ~ '.' ~ node.alias ~ ' as select * from ' ~ node.schema ~ '.' ~ node.alias) -%}
        {%- do counts.append(
            "select '" ~ node.schema ~ "' as schema_name, '" ~ node.alias ~ "' as table_name, count(*) as row_count from "
            ~ generation ~ '.' ~ node.alias
        ) -%}
        {%- do published.append(node.alias) -%}
    {%- endfor -%}
    {%- do run_query(
        'create table ' ~ generation ~ '.manifest_tables as select counted.*, built.run_id, cast(built.built_at as timestamp) as built_at, '
        ~ "nullif(built.deliveries_id, 'none') as deliveries_id from (" ~ counts | join(' union all ') ~ ') as counted left join landing.built_tables as built '
        ~ 'on counted.schema_name = built.schema_name and counted.table_name = built.table_name'
    ) -%}
    {%- do run_query(
        'create table ' ~ generation ~ '.manifest_delivery_sets as select deliveries_id, feed, source_system, delivered_on, checksum, '
        ~ 'landed_file from landing.delivery_sets'
    ) -%}
    {%- do run_query('create table ' ~ generation ~ '.manifest_deliveries as select * from landing.deliveries') -%}
    {%- do run_query(
        'create table ' ~ generation ~ ".manifest as select '" ~ run_id ~ "' as run_id, current_timestamp() as published_at, '"
        ~ checked_results ~ "' as checked_results, '" ~ version ~ "' as version, '" ~ code_commit
        ~ "' as code_commit, version() as engine_version, deliveries_id, " ~ is_partial ~ ' as is_partial from landing.build'
    ) -%}
    {%- do run_query('create schema if not exists published') -%}
    {%- for table in published + ['manifest_tables', 'manifest_delivery_sets', 'manifest_deliveries', 'manifest'] -%}
        {%- do run_query('create or replace view published.' ~ table ~ ' as select * from ' ~ generation ~ '.' ~ table) -%}
    {%- endfor -%}
    {%- set generations = run_query("show schemas like 'published_*'").columns[0].values() | sort(reverse=true) -%}
    {%- for older in generations[2:] -%}
        {%- do run_query('drop schema ' ~ older ~ ' cascade') -%}
    {%- endfor -%}
{% endmacro %}

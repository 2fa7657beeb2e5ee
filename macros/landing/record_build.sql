{#- What a build writes down of itself in the landing schema, for the gate out and for publishing:

    read_files   the landed files that its views read: landed_file
    loaded_rows  how many rows each of them had when the build had ended: landed_file, rows_loaded
    build        the build itself, one row: run_id, started_at, deliveries_id
    built_tables a row a model or seed: unique_id, schema_name, table_name, run_id, built_at, deliveries_id
    delivery_sets what each deliveries_id of built_tables stands for: feed, source_system, delivered_on, checksum, landed_file

    deliveries_id stands for a set of deliveries, by names and checksums: the same set has the same one in every build. A table that
    was built now from one that was built before from other deliveries has those of the other one: it is as old as what it reads. -#}

{#- Files that the landing views read; with a past day in var as_of, those up to it.

    landed: files by feed. -#}
{% macro record_read_files(landed) %}
    {%- set rows = [] -%}
    {%- for place in landed.values() | sum(start=[]) if not var('as_of') or place.split('/')[3][13:] <= var('as_of') | string -%}
        {%- do rows.append([place]) -%}
    {%- endfor -%}
    {%- do write_texts(record_of_builds('read_files'), ['landed_file'], rows) -%}
{% endmacro %}


{#- On-run-start hook: names the build, and marks the tables that it is about to build as unfinished, so that a build which is killed
    leaves none that passes for whole. Those of models that are gone are forgotten.

    selected: unique_ids of the nodes of this build. -#}
{% macro begin_build(selected) %}
    {%- if execute and flags.WHICH in ['build', 'run', 'seed'] -%}
        {%- set kept = [] -%}
        {%- for row in built_tables() if row[0] in graph.nodes -%}
            {%- do kept.append((row | list)[:5] + ['unfinished' if row[0] in selected else row[5]]) -%}
        {%- endfor -%}
        {%- do write_texts(record_of_builds('built_tables'), built_tables_columns(), kept) -%}
        {%- if flags.WHICH != 'seed' -%}
            {#- Rules alone come from no deliveries: what was read last stays so. -#}
            {%- do write_texts(record_of_builds('build'), ['run_id', 'started_at', 'deliveries_id'], [[
                env_var('PROFIT_RUN_ID', '') or invocation_id, run_started_at.strftime('%Y-%m-%d %H:%M:%S'), read_deliveries_id()
            ]]) -%}
        {%- endif -%}
    {%- endif -%}
{% endmacro %}


{#- On-run-end hook: which tables this build has made, and from which deliveries each of all tables is.

    results: of dbt; nodes in the order in which they were done. -#}
{% macro record_build(results) %}
    {%- if execute and flags.WHICH in ['build', 'run', 'seed'] -%}
        {%- set run_id = env_var('PROFIT_RUN_ID', '') or invocation_id -%}
        {%- if flags.WHICH == 'seed' -%}
            {%- set now = 'none' -%}
        {%- else -%}
            {%- do record_loaded_rows() -%}
            {%- set now = run_query('select deliveries_id from ' ~ record_of_builds('build')).rows[0][0] -%}
        {%- endif -%}
        {%- set tables = {} -%}
        {%- for row in built_tables() -%}
            {%- do tables.update({row[0]: row | list}) -%}
        {%- endfor -%}
        {%- set at = modules.datetime.datetime.now(modules.pytz.utc).strftime('%Y-%m-%d %H:%M:%S') -%}
        {%- for result in results if result.status == 'success' and result.node.resource_type in ['model', 'seed'] -%}
            {%- set node = result.node -%}
            {%- set of = 'no rows (--empty)' if flags.EMPTY else deliveries_of_parents(node.unique_id, tables, now) -%}
            {%- do tables.update({node.unique_id: [node.unique_id, node.schema, node.alias, run_id, at, of]}) -%}
        {%- endfor -%}
        {%- if flags.WHICH != 'seed' -%}
            {#- A view is as old as what it reads now. -#}
            {%- for unique_id, row in tables.items() if is_a_view(unique_id) and row[5] not in ['unfinished', 'no rows (--empty)'] -%}
                {%- do tables.update({unique_id: row[:5] + [deliveries_of_parents(unique_id, tables, now)]}) -%}
            {%- endfor -%}
            {%- do record_delivery_sets(now, tables.values() | map(attribute=5) | unique | list) -%}
        {%- endif -%}
        {%- do write_texts(record_of_builds('built_tables'), built_tables_columns(), tables.values() | list) -%}
    {%- endif -%}
{% endmacro %}


{#- What the deliveries of this build are, beside those of builds before that a table is still from.

    now: deliveries of this build; used: those that tables are from. -#}
{% macro record_delivery_sets(now, used) %}
    {%- set columns = 'feed, source_system, delivered_on, checksum, landed_file' -%}
    {%- set sets, next = record_of_builds('delivery_sets'), record_of_builds('delivery_sets_next') -%}
    {%- set before = "select deliveries_id, " ~ columns ~ ' from ' ~ sets ~ " where deliveries_id in ('" ~ used | join("', '")
        ~ "') and deliveries_id <> '" ~ now ~ "' union all " if columns_of_relation(sets) else '' -%}
    {%- do replace_table(next, before ~ "select '" ~ now ~ "' as deliveries_id, " ~ columns ~ ' from ' ~ record_of_builds('deliveries')) -%}
    {%- do replace_table(sets, 'select * from ' ~ next) -%}
    {%- do run_query('drop table if exists ' ~ next) -%}
{% endmacro %}


{#- The deliveries of what a node reads: those of this build where all of it is from them, else those of the first that is not;
    `none` where nothing of it comes from deliveries, as with rules.

    tables: rows of built_tables by unique_id; now: deliveries of this build. -#}
{% macro deliveries_of_parents(unique_id, tables, now) %}
    {#- The calendar looks at the landing views by itself. -#}
    {%- set reads_landing = 'macro.' ~ project_name ~ '.calendar_days' in graph.nodes[unique_id].depends_on.get('macros', []) -%}
    {%- set found = namespace(id=now if reads_landing else 'none') -%}
    {%- for parent in graph.nodes[unique_id].get('depends_on', {}).get('nodes', []) if found.id in ['none', now] -%}
        {%- if parent in graph.sources -%}
            {%- set id = now -%}
        {%- elif parent not in graph.nodes -%}
            {%- set id = 'none' -%}
        {%- elif is_a_view(parent) -%}
            {%- set id = deliveries_of_parents(parent, tables, now) -%}
        {%- elif parent in tables -%}
            {%- set id = tables[parent][5] -%}
        {%- else -%}
            {%- set id = 'unknown' -%}
        {%- endif -%}
        {%- set found.id = id if id != 'none' else found.id -%}
    {%- endfor -%}
    {{- return(found.id) -}}
{% endmacro %}


{% macro is_a_view(unique_id) %}
    {{- return(graph.nodes[unique_id].config.materialized in ['view', 'ephemeral']) -}}
{% endmacro %}


{% macro record_loaded_rows() %}
    {%- set places = run_query('select landed_file from ' ~ record_of_builds('read_files')).columns[0].values() -%}
    {%- set selects = [] -%}
    {%- for feed, files in landed_feeds(places).items() if feed not in var('source_relations') -%}
        {%- do selects.append(rows_of_files(var('landing'), feed.replace('.', '/'), files)) -%}
    {%- endfor -%}
    {%- do selects.append(
        'select cast(null as ' ~ dbt.type_string() ~ ') as landed_file, cast(null as ' ~ dbt.type_bigint() ~ ') as rows_loaded where 1 = 0'
    ) -%}
    {%- do replace_table(record_of_builds('loaded_rows'), selects | join(' union all ')) -%}
{% endmacro %}


{#- What stands for the deliveries that the landing views read. -#}
{% macro read_deliveries_id() %}
    {%- set rows = run_query(
        "select files.landed_file, coalesce(deliveries.checksum, '') as checksum from " ~ record_of_builds('read_files')
        ~ ' as files left join ' ~ record_of_builds('deliveries') ~ ' as deliveries on files.landed_file = deliveries.landed_file '
        ~ 'order by 1, 2'
    ).rows -%}
    {{- return(local_md5(rows | map('join', ':') | join('\n'))) -}}
{% endmacro %}


{% macro built_tables() %}
    {%- set relation = record_of_builds('built_tables') -%}
    {%- if not columns_of_relation(relation) -%}
        {{- return([]) -}}
    {%- endif -%}
    {{- return(run_query('select ' ~ built_tables_columns() | join(', ') ~ ' from ' ~ relation ~ ' order by 1').rows | list) -}}
{% endmacro %}

{% macro built_tables_columns() %}
    {{- return(['unique_id', 'schema_name', 'table_name', 'run_id', 'built_at', 'deliveries_id']) -}}
{% endmacro %}


{% macro record_of_builds(name) %}
    {{- return(api.Relation.create(database=target.get('database'), schema='landing', identifier=name, type='table')) -}}
{% endmacro %}


{#- Makes a table of texts anew; each value is of our own making or a name that landing has let through.

    columns: names; rows: lists of values. -#}
{% macro write_texts(relation, columns, rows) %}
    {%- do adapter.create_schema(relation.without_identifier()) -%}
    {%- set typed = [] -%}
    {%- for column in columns -%}
        {%- do typed.append('cast(' ~ column ~ ' as ' ~ dbt.type_string() ~ ') as ' ~ column) -%}
    {%- endfor -%}
    {%- set values = [] -%}
    {%- for row in rows -%}
        {%- set texts = [] -%}
        {%- for value in row -%}
            {%- do texts.append("'" ~ value | string | replace("'", "''") ~ "'") -%}
        {%- endfor -%}
        {%- do values.append('(' ~ texts | join(', ') ~ ')') -%}
    {%- endfor -%}
    {%- set nothing = 'select ' ~ (['null'] * columns | length) | join(', ') ~ ' where 1 = 0' -%}
    {%- do replace_table(
        relation,
        'select ' ~ typed | join(', ') ~ ' from (' ~ ('values ' ~ values | join(', ') if values else nothing)
        ~ ') as rows_written(' ~ columns | join(', ') ~ ')'
    ) -%}
{% endmacro %}


{#- A table with the rows of a query in the place of the one before: at once where the engine can, so that a kill leaves the one or the other. -#}
{% macro replace_table(relation, query) %}
    {{- return(adapter.dispatch('replace_table')(relation, query)) -}}
{% endmacro %}

{% macro duckdb__replace_table(relation, query) %}
    {%- do run_query('create or replace table ' ~ relation ~ ' as ' ~ query) -%}
{% endmacro %}

{% macro default__replace_table(relation, query) %}
    {%- do run_query('drop table if exists ' ~ relation) -%}
    {%- do run_query('create table ' ~ relation ~ ' as ' ~ query) -%}
{% endmacro %}

{#- Engine differences of the landing zone: which feeds have files, how files are read, what a relation's columns are. -#}

{#- The landed files that this run reads, relative to the folder, in order: those that `profit` has fixed at its start, else those
    that are there now, without unfinished ones (names relative to the folder). -#}
{% macro landed_places(folder, unfinished=[]) %}
    {{- return(adapter.dispatch('landed_places')(folder, unfinished)) -}}
{% endmacro %}

{% macro duckdb__landed_places(folder, unfinished=[]) %}
    {%- set fixed = env_var('PROFIT_DELIVERIES', '') -%}
    {%- if fixed -%}
        {%- set query = 'select landed_file from ' ~ fixed_deliveries(fixed) ~ ' where is_there order by landed_file' -%}
    {%- else -%}
        {%- set query -%}
            select array_to_string(string_split(file, '/')[-5:], '/') as landed_file
            from glob('{{ escaped_path(folder) }}/*/*/source_system=*/delivered_on=*/*.parquet')
            where parse_filename(file)[1] not in ('.', '_')
            order by landed_file
        {%- endset -%}
    {%- endif -%}
    {{- return(run_query(query).columns[0].values() | reject('in', unfinished) | list) -}}
{% endmacro %}

{#- Spark lists the files itself, so that the landing zone may lie wherever Spark can read: a folder, HDFS, an object
    store. A table of format binaryFile with its path alone selected opens no file; unlike a query on the path, a table
    may also stand over a folder that is empty or not there yet. -#}
{% macro spark__landed_places(folder, unfinished=[]) %}
    {%- set listing = api.Relation.create(schema=target.schema, identifier='landing_listing', type='table') -%}
    {%- do adapter.create_schema(listing.without_identifier()) -%}
    {%- do run_query('drop table if exists ' ~ listing) -%}
    {%- do run_query(
        'create table ' ~ listing ~ " using binaryFile options (recursiveFileLookup 'true', pathGlobFilter '*.parquet') location '"
        ~ folder ~ "'"
    ) -%}
    {%- set files = run_query(
        "select concat_ws('/', slice(split(path, '/'), -5, 5)) as landed_file from " ~ listing
        ~ " where path like '%/source_system=%/delivered_on=%/%.parquet' order by landed_file"
    ) -%}
    {%- do run_query('drop table if exists ' ~ listing) -%}
    {{- return(files.columns[0].values() | reject('in', unfinished) | list) -}}
{% endmacro %}


{#- The same by feed, `<department>.<table>`. -#}
{% macro landed_feeds(places) %}
    {%- set feeds = {} -%}
    {%- for place in places -%}
        {%- do feeds.setdefault(place.split('/')[:2] | join('.'), []).append(place) -%}
    {%- endfor -%}
    {{- return(feeds) -}}
{% endmacro %}


{#- From-clause over the file in which `profit` has written down what it has fixed: a line a file. DuckDB only. -#}
{% macro fixed_deliveries(file) -%}
    read_json('{{ escaped_path(file) }}', format = 'newline_delimited', columns = {landed_file: 'varchar', is_there: 'boolean',
    has_receipt: 'boolean', feed: 'varchar', source_system: 'varchar', delivered_on: 'date', checksum: 'varchar', rows_read: 'bigint',
    rows_landed: 'bigint', rows_quarantined: 'bigint'})
{%- endmacro %}


{#- From-clause over the files of a feed, source_system and delivered_on taken from their path.

    folder: the landing zone; feed: `<department>/<table>`; places: its files, relative to the landing zone; unfinished: files that
    lie beside them and are not read. -#}
{% macro landed_files(folder, feed, places, unfinished=[]) %}
    {{- return(adapter.dispatch('landed_files')(folder, feed, places, unfinished)) -}}
{% endmacro %}

{#- Listed one by one: a file that comes later is not read, one that goes is missed at once. -#}
{% macro duckdb__landed_files(folder, feed, places, unfinished=[]) %}
    {%- set files = [] -%}
    {%- for place in places -%}
        {%- do files.append("'" ~ escaped_path(folder ~ '/' ~ place) ~ "'") -%}
    {%- endfor -%}
    {{- return(
        'read_parquet([' ~ files | join(', ') ~ '], union_by_name = true, filename = true, hive_partitioning = true, '
        ~ "hive_types = {'source_system': varchar, 'delivered_on': date})"
    ) -}}
{% endmacro %}

{#- The profile merges the columns of all files by name and leaves partition columns as text; the view casts them. -#}
{% macro spark__landed_files(folder, feed, places, unfinished=[]) %}
    {%- if not unfinished -%}
        {{- return('parquet.`' ~ folder ~ '/' ~ feed ~ '`') -}}
    {%- endif -%}
    {{- return(
        '(select *, _metadata from parquet.`' ~ folder ~ '/' ~ feed ~ "` where concat_ws('/', slice(split(_metadata.file_path, '/'), -5, 5)) "
        ~ "not in ('" ~ unfinished | join("', '") ~ "'))"
    ) -}}
{% endmacro %}


{#- How many rows each file of a feed has: a select of landed_file, relative to the landing zone, and rows_loaded.

    folder: the landing zone; feed: `<department>/<table>`; places: its files. -#}
{% macro rows_of_files(folder, feed, places) %}
    {{- return(adapter.dispatch('rows_of_files')(folder, feed, places)) -}}
{% endmacro %}

{% macro duckdb__rows_of_files(folder, feed, places) %}
    {{- return(
        "select array_to_string(string_split(filename, '/')[-5:], '/') as landed_file, count(*) as rows_loaded from "
        ~ landed_files(folder, feed, places) ~ ' group by 1'
    ) -}}
{% endmacro %}

{% macro spark__rows_of_files(folder, feed, places) %}
    {{- return(
        "select concat_ws('/', slice(split(_metadata.file_path, '/'), -5, 5)) as landed_file, count(*) as rows_loaded from parquet.`"
        ~ folder ~ '/' ~ feed ~ "` where concat_ws('/', slice(split(_metadata.file_path, '/'), -5, 5)) in ('" ~ places | join("', '")
        ~ "') group by 1"
    ) -}}
{% endmacro %}


{#- Name of the landed file without its ending: orders the deliveries of one day. -#}
{% macro delivery_id_of_file() %}
    {{- return(adapter.dispatch('delivery_id_of_file')()) -}}
{% endmacro %}

{% macro duckdb__delivery_id_of_file() %}
    {{- return("replace(split_part(filename, '/', -1), '.parquet', '')") -}}
{% endmacro %}

{% macro spark__delivery_id_of_file() %}
    {{- return("replace(_metadata.file_name, '.parquet', '')") -}}
{% endmacro %}


{#- Lower-case column names of a query. -#}
{% macro columns_of_query(query) %}
    {{- return(adapter.dispatch('columns_of_query')(query)) -}}
{% endmacro %}

{% macro duckdb__columns_of_query(query) %}
    {{- return(run_query('describe ' ~ query).columns[0].values() | map('lower') | list) -}}
{% endmacro %}

{% macro spark__columns_of_query(query) %}
    {{- return(run_query('describe query ' ~ query).columns[0].values() | map('lower') | list) -}}
{% endmacro %}


{#- Lower-case column names of a relation; none where it does not exist, as for a fixture of a unit test. -#}
{% macro columns_of_relation(relation) %}
    {{- return(adapter.dispatch('columns_of_relation')(relation)) -}}
{% endmacro %}

{% macro duckdb__columns_of_relation(relation) %}
    {%- set found = run_query(
        "select column_name from duckdb_columns() where database_name = '" ~ relation.database ~ "' and schema_name = '"
        ~ relation.schema ~ "' and table_name = '" ~ relation.identifier ~ "' order by column_index"
    ) -%}
    {{- return(found.columns[0].values() | map('lower') | list) -}}
{% endmacro %}

{#- Asks the catalogue rather than dbt's cache of relations, which does not know the views made at the start of the run. -#}
{% macro spark__columns_of_relation(relation) %}
    {%- if not relation.schema or not adapter.check_schema_exists(relation.database, relation.schema) -%}
        {{- return([]) -}}
    {%- endif -%}
    {%- if not run_query("show tables in " ~ relation.schema ~ " like '" ~ relation.identifier ~ "'").rows -%}
        {{- return([]) -}}
    {%- endif -%}
    {{- return(run_query('show columns in ' ~ relation).columns[0].values() | map('lower') | list) -}}
{% endmacro %}

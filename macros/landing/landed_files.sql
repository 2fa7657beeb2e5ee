{#- Engine differences of the landing zone: which feeds have files, how files are read, what a relation's columns are. -#}

{#- Names `<department>.<table>` that have at least one landed file below the folder, unfinished ones (names relative to the
    folder) left out. -#}
{% macro landed_feeds(folder, unfinished=[]) %}
    {{- return(adapter.dispatch('landed_feeds')(folder, unfinished)) -}}
{% endmacro %}

{% macro duckdb__landed_feeds(folder, unfinished=[]) %}
    {%- set files = run_query(
        "select distinct split_part(file, '/', -5) || '.' || split_part(file, '/', -4) as feed from glob('"
        ~ escaped_path(folder) ~ "/*/*/source_system=*/delivered_on=*/*.parquet')"
        ~ (" where array_to_string(string_split(file, '/')[-5:], '/') not in ('" ~ unfinished | join("', '") ~ "')" if unfinished else '')
    ) -%}
    {{- return(files.columns[0].values() | list) -}}
{% endmacro %}

{#- Spark lists the files itself, so that the landing zone may lie wherever Spark can read: a folder, HDFS, an object
    store. A table of format binaryFile with its path alone selected opens no file; unlike a query on the path, a table
    may also stand over a folder that is empty or not there yet. -#}
{% macro spark__landed_feeds(folder, unfinished=[]) %}
    {%- set listing = api.Relation.create(schema=target.schema, identifier='landing_listing', type='table') -%}
    {%- do adapter.create_schema(listing.without_identifier()) -%}
    {%- do run_query('drop table if exists ' ~ listing) -%}
    {%- do run_query(
        'create table ' ~ listing ~ " using binaryFile options (recursiveFileLookup 'true', pathGlobFilter '*.parquet') location '"
        ~ folder ~ "'"
    ) -%}
    {%- set files = run_query(
        "select distinct concat(element_at(split(path, '/'), -5), '.', element_at(split(path, '/'), -4)) as feed from " ~ listing
        ~ " where path like '%/source_system=%/delivered_on=%/%.parquet'"
        ~ (" and concat_ws('/', slice(split(path, '/'), -5, 5)) not in ('" ~ unfinished | join("', '") ~ "')" if unfinished else '')
    ) -%}
    {%- do run_query('drop table if exists ' ~ listing) -%}
    {{- return(files.columns[0].values() | list) -}}
{% endmacro %}


{#- From-clause over all deliveries below the folder, source_system and delivered_on taken from the path, unfinished ones
    (names relative to the landing zone) left out. -#}
{% macro landed_files(folder, unfinished=[]) %}
    {{- return(adapter.dispatch('landed_files')(folder, unfinished)) -}}
{% endmacro %}

{% macro duckdb__landed_files(folder, unfinished=[]) %}
    {%- set place = "'" ~ escaped_path(folder) ~ "/*/*/*.parquet'" -%}
    {%- if unfinished -%}
        {#- Listed, so that not even the columns of an unfinished file are seen. -#}
        {%- set files = [] -%}
        {%- for file in run_query('select file from glob(' ~ place ~ ') order by file').columns[0].values() -%}
            {%- if file.split('/')[-5:] | join('/') not in unfinished -%}
                {%- do files.append("'" ~ escaped_path(file) ~ "'") -%}
            {%- endif -%}
        {%- endfor -%}
        {%- set place = '[' ~ files | join(', ') ~ ']' -%}
    {%- endif -%}
    {{- return(
        "read_parquet(" ~ place ~ ", union_by_name = true, filename = true, hive_partitioning = true, "
        ~ "hive_types = {'source_system': varchar, 'delivered_on': date})"
    ) -}}
{% endmacro %}

{#- The profile merges the columns of all files by name and leaves partition columns as text; the view casts them. -#}
{% macro spark__landed_files(folder, unfinished=[]) %}
    {%- if not unfinished -%}
        {{- return('parquet.`' ~ folder ~ '`') -}}
    {%- endif -%}
    {{- return(
        '(select *, _metadata from parquet.`' ~ folder ~ "` where concat_ws('/', slice(split(_metadata.file_path, '/'), -5, 5)) "
        ~ "not in ('" ~ unfinished | join("', '") ~ "'))"
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

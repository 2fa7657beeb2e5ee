{#- On-run-start hook: the receipts of all deliveries as the table landing.deliveries, so that whoever reads the result later
    knows what it was built from. With a past day in var as_of, those up to it. -#}
{% macro record_deliveries() %}
    {%- if execute and flags.WHICH in ['build', 'run'] -%}
        {%- set deliveries = api.Relation.create(database=target.get('database'), schema='landing', identifier='deliveries', type='table') -%}
        {%- do adapter.create_schema(deliveries.without_identifier()) -%}
        {%- do replace_with_receipts(deliveries, var('landing') ~ '/_receipts', unfinished_files(var('landing'))) -%}
    {%- endif -%}
{% endmacro %}


{#- Fills the relation from the receipts below the folder, unfinished ones (names relative to the landing zone) left out; the
    folder may be empty or not there. -#}
{% macro replace_with_receipts(relation, folder, unfinished=[]) %}
    {{- return(adapter.dispatch('replace_with_receipts')(relation, folder, unfinished)) -}}
{% endmacro %}

{% macro duckdb__replace_with_receipts(relation, folder, unfinished=[]) %}
    {%- set fixed = env_var('PROFIT_DELIVERIES', '') -%}
    {%- set place = escaped_path(folder) ~ '/**/*.json' -%}
    {%- set names = 'feed, source_system, delivered_on, checksum, rows_read, rows_landed, rows_quarantined, landed_file' -%}
    {%- set columns = "{feed: 'varchar', source_system: 'varchar', delivered_on: 'date', checksum: 'varchar', rows_read: 'bigint', "
        ~ "rows_landed: 'bigint', rows_quarantined: 'bigint'}" -%}
    {%- do run_query(
        'create or replace table ' ~ relation ~ ' (feed varchar, source_system varchar, delivered_on date, checksum varchar, '
        ~ 'rows_read bigint, rows_landed bigint, rows_quarantined bigint, landed_file varchar)'
    ) -%}
    {%- if fixed -%}
        {%- set receipts = 'select * from ' ~ fixed_deliveries(fixed) ~ ' where has_receipt' -%}
    {%- elif run_query("select count(*) from glob('" ~ place ~ "')").columns[0].values()[0] > 0 -%}
        {%- set receipts = "select *, array_to_string(string_split(left(filename, length(filename) - 5), '/')[-5:], '/') || '.parquet' "
            ~ "as landed_file from read_json('" ~ place ~ "', filename = true, hive_partitioning = false, columns = " ~ columns ~ ')'
            ~ (" where array_to_string(string_split(filename, '/')[-6:], '/') not in ('" ~ unfinished | join("', '") ~ "')"
                if unfinished else '') -%}
    {%- endif -%}
    {%- if receipts -%}
        {%- do run_query(
            'insert into ' ~ relation ~ ' select ' ~ names ~ ' from (' ~ receipts ~ ') as receipts' ~ until_as_of() ~ ' order by all'
        ) -%}
    {%- endif -%}
{% endmacro %}

{#- As for the landed files, a table over the folder, because a query on the path would fail where there is no folder. -#}
{% macro spark__replace_with_receipts(relation, folder, unfinished=[]) %}
    {%- set columns = ['feed string', 'source_system string', 'delivered_on date', 'checksum string', 'rows_read bigint',
        'rows_landed bigint', 'rows_quarantined bigint'] -%}
    {%- set receipts = api.Relation.create(schema=relation.schema, identifier=relation.identifier ~ '_receipts', type='table') -%}
    {%- do run_query('drop table if exists ' ~ receipts) -%}
    {%- do run_query(
        'create table ' ~ receipts ~ ' (' ~ columns | join(', ') ~ ') using json '
        ~ "options (multiLine 'true', recursiveFileLookup 'true', pathGlobFilter '*.json') location '" ~ folder ~ "'"
    ) -%}
    {%- do run_query('drop table if exists ' ~ relation) -%}
    {%- do run_query(
        'create table ' ~ relation ~ ' as select feed, source_system, delivered_on, checksum, rows_read, rows_landed, rows_quarantined, '
        ~ "concat(regexp_replace(concat_ws('/', slice(split(receipt_file, '/'), -5, 5)), '.json$', ''), '.parquet') as landed_file "
        ~ 'from (select *, _metadata.file_path as receipt_file from ' ~ receipts ~ ') as receipts' ~ until_as_of()
        ~ ((' and ' if until_as_of() else ' where ') ~ "concat_ws('/', slice(split(receipt_file, '/'), -6, 6)) not in ('"
            ~ unfinished | join("', '") ~ "')" if unfinished else '')
    ) -%}
    {%- do run_query('drop table if exists ' ~ receipts) -%}
{% endmacro %}


{#- Where-clause of deliveries up to var as_of; nothing where all count. -#}
{% macro until_as_of() -%}
    {%- if var('as_of') %} where delivered_on <= cast('{{ var('as_of') }}' as date){% endif -%}
{%- endmacro %}

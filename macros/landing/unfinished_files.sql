{#- Names of landed files and receipts, relative to the landing zone, that nobody may read: a landing that brings them, or a
    withdrawal that takes them, was killed half-way. `profit land` names them in a record before it moves the first one and
    takes the record away with the last.

    landing: the landing zone. -#}
{% macro unfinished_files(landing) %}
    {%- set names = [] -%}
    {%- for record in pending_records(landing ~ '/_pending') -%}
        {%- do names.extend(fromjson(record)['files'] + fromjson(record)['receipts']) -%}
    {%- endfor -%}
    {{- return(names) -}}
{% endmacro %}


{#- The records below a folder as text; the folder may not be there. -#}
{% macro pending_records(folder) %}
    {{- return(adapter.dispatch('pending_records')(folder)) -}}
{% endmacro %}

{% macro duckdb__pending_records(folder) %}
    {%- set files = run_query("select file from glob('" ~ escaped_path(folder) ~ "/*.json')").columns[0].values() -%}
    {%- set records = [] -%}
    {%- for file in files -%}
        {%- do records.append(run_query("select content from read_text('" ~ escaped_path(file) ~ "')").columns[0].values()[0]) -%}
    {%- endfor -%}
    {{- return(records) -}}
{% endmacro %}

{% macro spark__pending_records(folder) %}
    {%- set listing = api.Relation.create(schema=target.schema, identifier='landing_pending', type='table') -%}
    {%- do adapter.create_schema(listing.without_identifier()) -%}
    {%- do run_query('drop table if exists ' ~ listing) -%}
    {%- do run_query(
        'create table ' ~ listing ~ " (value string) using text options (wholetext 'true', pathGlobFilter '*.json') location '"
        ~ folder ~ "'"
    ) -%}
    {%- set records = run_query('select value from ' ~ listing).columns[0].values() | list -%}
    {%- do run_query('drop table if exists ' ~ listing) -%}
    {{- return(records) -}}
{% endmacro %}


{#- A path as it stands in a text of DuckDB that is taken for a pattern of files: quotes and wildcards mean themselves. -#}
{% macro escaped_path(path) %}
    {{- return(modules.re.sub('([*?[])', '[\\1]', path | string).replace("'", "''")) -}}
{% endmacro %}

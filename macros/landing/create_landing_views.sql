{#- On-run-start hook: one typed view per table of the source contract, over the landed files, over a table that lies in
    the warehouse already (var source_relations), or empty. The contract itself is the source YAML; nothing is written
    twice. With a past day in var as_of, what was delivered after it is not there, so that the whole build is the one of
    that day. Stops the run at once where a required table has no delivery. -#}
{% macro create_landing_views() %}
    {%- if execute and flags.WHICH in ['build', 'run', 'test'] -%}
        {%- do business_time_zone() -%}
        {%- set unfinished = unfinished_files(var('landing')) -%}
        {%- set landed = landed_feeds(landed_places(var('landing'), unfinished)) -%}
        {%- set missing = [] -%}
        {%- for feed in graph.sources.values() if feed.package_name == project_name -%}
            {%- set name = feed.source_name ~ '.' ~ feed.name -%}
            {%- if feed.config.meta.get('required') and name not in landed and name not in var('source_relations') -%}
                {%- do missing.append(name) -%}
            {%- endif -%}
        {%- endfor -%}
        {%- if missing -%}
            {{ exceptions.raise_compiler_error(
                'The landing zone ' ~ var('landing') ~ ' has no delivery of ' ~ missing | sort | join(', ')
                ~ '. Fill it with `profit land demo`, `profit land adventureworks --from DIR` or `profit land files --from DIR`,'
                ~ ' point PROFIT_LANDING at a folder that is filled, or name warehouse tables in the variable source_relations.'
            ) }}
        {%- endif -%}
        {%- set schemas = [] -%}
        {%- for feed in graph.sources.values() if feed.package_name == project_name -%}
            {%- set schema = api.Relation.create(database=feed.database, schema=feed.schema) -%}
            {%- if schema not in schemas -%}
                {%- do adapter.create_schema(schema) -%}
                {%- do schemas.append(schema) -%}
            {%- endif -%}
            {%- do create_landing_view(feed, landed, unfinished) -%}
        {%- endfor -%}
        {%- if flags.WHICH != 'test' -%}
            {%- do record_read_files(landed) -%}
        {%- endif -%}
    {%- endif -%}
{% endmacro %}


{#- feed: a source of the graph; landed: files of the feeds that have some, by feed; unfinished: files that nobody may read. -#}
{% macro create_landing_view(feed, landed, unfinished=[]) %}
    {%- set name = feed.source_name ~ '.' ~ feed.name -%}
    {%- set target = api.Relation.create(database=feed.database, schema=feed.schema, identifier=feed.identifier, type='view') -%}
    {%- if name in var('source_relations') -%}
        {%- set origin = var('source_relations')[name] -%}
    {%- elif name in landed -%}
        {%- set origin = landed_files(var('landing'), feed.source_name ~ '/' ~ feed.name, landed[name], unfinished) -%}
    {%- else -%}
        {%- set origin = none -%}
    {%- endif -%}
    {%- set delivered = columns_of_query('select * from ' ~ origin) if origin else [] -%}
    {%- set view_sql -%}
        create or replace view {{ target }} as
        select
        {%- for column in feed.columns.values() %}
            {{ landed_value(column, delivered, is_landed=name not in var('source_relations'), department=feed.source_name) }} as {{ column.name }}
            {{- ',' if not loop.last }}
        {%- endfor %}
        {%- for column in delivered if column.startswith('x_') and column not in feed.columns %},
            {{ extension_name(column) }}
        {%- endfor %}
        {% if origin %}from {{ origin }}{% else %}where 1 = 0{% endif %}
        {%- if origin and var('as_of') and 'delivered_on' in delivered %}
        where cast(delivered_on as date) <= cast('{{ var('as_of') }}' as date)
        {%- endif %}
    {%- endset -%}
    {%- do run_query(view_sql) -%}
{% endmacro %}


{#- The value of one contract column in its type: identifiers trimmed, blank ones null; typed null where not delivered. -#}
{% macro landed_value(column, delivered, is_landed, department) %}
    {%- if column.name == 'delivery_id' and is_landed and delivered -%}
        {{ delivery_id_of_file() }}
    {%- elif column.name in delivered -%}
        {%- if column.name.endswith('_id') or column.name.endswith('source_system') -%}
            nullif({{ trimmed('cast(' ~ column.name ~ ' as ' ~ column.data_type ~ ')') }}, '')
        {%- else -%}
            cast({{ column.name }} as {{ column.data_type }})
        {%- endif -%}
    {%- elif column.name == 'source_system' and delivered -%}
        '{{ department }}'
    {%- elif column.name == 'delivered_on' and delivered -%}
        {#- A warehouse table that names no delivery is a live copy: delivered today. -#}
        {{ business_day('cast(current_timestamp as timestamp)') }}
    {%- else -%}
        cast(null as {{ column.data_type }})
    {%- endif -%}
{% endmacro %}

{#- Select of one row a feed of the source contract: department, whether it is required, the metrics that need it, whether anything of it was
    delivered, rows or none, and when last. -#}
{% macro contract_feeds() -%}
    {%- if execute -%}
        {%- set delivered = delivered_feeds() -%}
        {%- for feed in graph.sources.values() | sort(attribute='unique_id') if feed.package_name == project_name %}
            {%- set name = feed.source_name ~ '.' ~ feed.name %}
    select
        '{{ name }}' as feed,
        '{{ feed.source_name }}' as department,
        {{ 'true' if feed.config.meta.get('required') else 'false' }} as is_required,
        '{{ feed.config.meta.metrics | join(', ') }}' as metrics,
        {{ 'true' if name in delivered else 'false' }} as was_delivered,
        cast({{ "'" ~ delivered[name] ~ "'" if delivered.get(name) else 'null' }} as date) as files_delivered_on
            {%- if not loop.last %}

    union all
            {% endif -%}
        {%- endfor -%}
    {%- endif -%}
{% endmacro %}


{#- The feeds of which this build reads files, with the day of the newest delivery, and those that lie in the warehouse, without a day: an empty
    file is a delivery, too. Empty while SQL is only compiled. -#}
{% macro delivered_feeds() -%}
    {%- set feeds = {} -%}
    {%- for name in var('source_relations') -%}
        {%- do feeds.update({name: none}) -%}
    {%- endfor -%}
    {%- set read_files = record_of_builds('read_files') -%}
    {%- if execute and flags.WHICH in ['build', 'run', 'test'] and columns_of_relation(read_files) -%}
        {%- for place in run_query('select landed_file from ' ~ read_files).columns[0].values() -%}
            {%- set parts = place.split('/') -%}
            {%- set name, day = parts[:2] | join('.'), parts[3].split('=')[1] -%}
            {%- if not var('as_of') or day <= var('as_of') | string -%}
                {%- do feeds.update({name: [day, feeds.get(name) or ''] | max}) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
    {{- return(feeds) -}}
{%- endmacro %}

{#- Select of one row a feed of the source contract: department, whether it is required, the metrics that need it. -#}
{% macro contract_feeds() -%}
    {%- if execute -%}
        {%- for feed in graph.sources.values() | sort(attribute='unique_id') if feed.package_name == project_name %}
    select
        '{{ feed.source_name }}.{{ feed.name }}' as feed,
        '{{ feed.source_name }}' as department,
        {{ 'true' if feed.config.meta.get('required') else 'false' }} as is_required,
        '{{ feed.config.meta.metrics | join(', ') }}' as metrics
            {%- if not loop.last %}

    union all
            {% endif -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}

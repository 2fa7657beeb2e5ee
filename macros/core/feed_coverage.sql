{#- Select of one row: how much of a feed is staged, for which period.

    model: staging model of the feed; feed: `<department>.<table>`; period: its date column, the day of delivery for master
    data and for rows that have no date of their own. -#}
{% macro feed_coverage(model, feed, period='delivered_on') -%}
    select
        '{{ feed }}' as feed,
        cast(count(*) as bigint) as row_count,
        cast(count(distinct source_system) as bigint) as source_system_count,
        cast(min({{ period }}) as date) as first_on,
        cast(max({{ period }}) as date) as last_on,
        max(delivered_on) as last_delivered_on
    from {{ ref(model) }}
{%- endmacro %}


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

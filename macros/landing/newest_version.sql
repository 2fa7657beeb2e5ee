{#- Select of the newest version of every row, rows withdrawn by their newest version left out.

    relation: name of a CTE over a source, with source_system, delivered_on, delivery_id and is_deleted.
    key: natural key, unique within one source system.

    Adds first_delivered_on, the day on which the row was first delivered. -#}
{% macro newest_version(relation, key) -%}
    select *
    from (
        {{ ranked_versions(relation, key) }}
    ) as versions_ranked
    where version_rank = 1 and not coalesce(is_deleted, false)
{%- endmacro %}


{#- Select of one row for every row that was ever delivered: its newest version that says something. What is withdrawn stays, marked by
    is_withdrawn, so that what refers to it can still be read.

    relation, key: as of newest_version. -#}
{% macro newest_content(relation, key) -%}
    {%- set partition = 'source_system, ' ~ key | join(', ') -%}
    {%- set place = "coalesce(cast(delivered_on as " ~ dbt.type_string() ~ "), '') || '/' || coalesce(" ~ delivery_content('delivery_id') ~ ", '')" -%}
    select
        *,
        coalesce(is_deleted, false) or coalesce(case when withdrawn_place is not null then withdrawn_place > {{ place }} end, false) as is_withdrawn
    from (
        select
            *,
            max(case when is_deleted then {{ place }} end) over (partition by {{ partition }}) as withdrawn_place,
            row_number() over (
                partition by {{ partition }}
                order by coalesce(is_deleted, false), delivered_on desc nulls last, {{ delivery_content('delivery_id') }} desc nulls last
            ) as content_rank
        from {{ relation }}
    ) as versions_ranked
    where content_rank = 1
{%- endmacro %}


{#- Select of every delivered version of each row, with the day of its first one and its place from the newest to the oldest; the
    newest may withdraw the row.

    relation: CTE or relation of the landed rows.
    key: columns that identify a row within one source system.

    Of two versions of one day content decides, never which of them was landed first. -#}
{% macro ranked_versions(relation, key) -%}
    {%- set partition = 'source_system, ' ~ key | join(', ') -%}
    select
        *,
        min(delivered_on) over (partition by {{ partition }}) as first_delivered_on,
        row_number() over (
            partition by {{ partition }}
            order by delivered_on desc nulls last, {{ delivery_content('delivery_id') }} desc nulls last
        ) as version_rank
    from {{ relation }}
{%- endmacro %}


{#- What orders the deliveries of one day: the checksum of what was delivered, so that the same deliveries give the same result in
    whatever order they are landed. A warehouse table that numbers its deliveries itself is ordered as it says.

    delivery_id: column. A landed file is called <number of the landing>-<checksum, 12 digits>. -#}
{% macro delivery_content(delivery_id) -%}
    case when {{ delivery_id }} like '%-____________' then right({{ delivery_id }}, 12) else {{ delivery_id }} end
{%- endmacro %}

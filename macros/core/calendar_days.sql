{#- Select of every day of the calendar, its first and last day included, as calendar_date. -#}
{% macro calendar_days() -%}
    {%- set first = "cast('" ~ var('calendar_starts_on') ~ "' as date)" -%}
    {%- set last = "cast('" ~ var('calendar_ends_on') ~ "' as date)" -%}
    select cast(date_day as date) as calendar_date
    from ({{ dbt.date_spine('day', first, dbt.dateadd('day', 1, last)) }}) as spine
{%- endmacro %}

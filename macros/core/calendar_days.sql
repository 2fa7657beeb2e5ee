{#- Select of every day of the calendar, its first and last day included, as calendar_date. -#}
{% macro calendar_days() -%}
    {%- set first = "cast('" ~ var('calendar_starts_on') ~ "' as date)" -%}
    {%- set last = "cast('" ~ var('calendar_ends_on') ~ "' as date)" -%}
    {{ days_between(first, last) }}
{%- endmacro %}


{#- Select of every day from first to last, both included, as calendar_date; the two are SQL expressions of dates. -#}
{% macro days_between(first, last) -%}
    {{ adapter.dispatch('days_between')(first, last) }}
{%- endmacro %}

{% macro default__days_between(first, last) -%}
    select cast(date_day as date) as calendar_date
    from ({{ dbt.date_spine('day', first, dbt.dateadd('day', 1, last)) }}) as spine
{%- endmacro %}

{#- One expression instead of fourteen joins. -#}
{% macro spark__days_between(first, last) -%}
    select explode(sequence({{ first }}, {{ last }}, interval 1 day)) as calendar_date
{%- endmacro %}

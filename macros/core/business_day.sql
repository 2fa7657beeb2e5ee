{#- The day of a moment where the company keeps its books: in the time zone of the variable business_time_zone. Every day and month of a
    moment is made here, so that the day of a timestamp is that of a date of the same moment.

    moment: expression of a timestamp, UTC. -#}
{% macro business_day(moment) -%}
    {%- set zone = business_time_zone() -%}
    {%- if zone == 'UTC' -%}
        cast({{ moment }} as date)
    {%- else -%}
        cast({{ moment_in_zone(moment, zone) }} as date)
    {%- endif -%}
{%- endmacro %}


{#- What the clocks of a time zone show at a moment, as a timestamp.

    moment: expression of a timestamp, UTC; zone: name of the zone. -#}
{% macro moment_in_zone(moment, zone) -%}
    {{ adapter.dispatch('moment_in_zone')(moment, zone) }}
{%- endmacro %}

{% macro duckdb__moment_in_zone(moment, zone) -%}
    timezone('{{ zone }}', timezone('UTC', {{ moment }}))
{%- endmacro %}

{% macro spark__moment_in_zone(moment, zone) -%}
    from_utc_timestamp({{ moment }}, '{{ zone }}')
{%- endmacro %}


{#- Name of the company's time zone. An unknown one stops the run before anything is built. -#}
{% macro business_time_zone() -%}
    {%- set zone = var('business_time_zone') -%}
    {%- if zone not in modules.pytz.all_timezones -%}
        {{ exceptions.raise_compiler_error(
            "The variable business_time_zone is '" ~ zone ~ "', which is no time zone. Write one of the IANA names, such as UTC, "
            ~ 'America/Sao_Paulo or Europe/Berlin.'
        ) }}
    {%- endif -%}
    {{- return(zone) -}}
{%- endmacro %}

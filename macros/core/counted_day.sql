{#- The day on which something counts: the one that was delivered, or the day of its delivery where that one cannot be. A placeholder or
    a wrong year would otherwise stretch every mart that goes by months, and weigh in whatever is counted in days.

    day: expression of the date that was delivered.
    delivered_on: expression of the day of its delivery; where it is null, nothing is too late.
    days_ahead: days after its delivery that a day may lie; by default the variable days_ahead. -#}
{% macro counted_day(day, delivered_on, days_ahead=none) -%}
    case when {{ is_impossible_day(day, delivered_on, days_ahead) }} then coalesce({{ delivered_on }}, {{ day }}) else {{ day }} end
{%- endmacro %}


{#- Whether a day cannot be that of anything: before 1980, or too long after its delivery. The arguments are those of counted_day. -#}
{% macro is_impossible_day(day, delivered_on, days_ahead=none) -%}
    coalesce(
        {{ day }} < cast('1980-01-01' as date)
        or {{ days_after(day, delivered_on) }} > {{ days_ahead or var('days_ahead') }}, false
    )
{%- endmacro %}


{#- Days from one date to a later one, null where either is. dbt's own stops Spark where one is null. -#}
{% macro days_after(day, since) -%}
    {{ adapter.dispatch('days_after')(day, since) }}
{%- endmacro %}

{% macro duckdb__days_after(day, since) -%}
    date_diff('day', {{ since }}, {{ day }})
{%- endmacro %}

{% macro spark__days_after(day, since) -%}
    datediff({{ day }}, {{ since }})
{%- endmacro %}


{#- As many days ahead as no day is: for what only starts later, and counts as not started until then. -#}
{% macro centuries_ahead() -%}
    {{- return(3650000) -}}
{%- endmacro %}


{#- How many days ahead the ledger may post: schedules of depreciation and prepayments are posted for years to come. -#}
{% macro ledger_days_ahead() -%}
    {{- return(1826) -}}
{%- endmacro %}

{#- First month of the fiscal year, 1 to 12; anything else stops the run. -#}
{% macro fiscal_year_starts_month() %}
    {%- set month = var('fiscal_year_starts_month') | int(0) -%}
    {%- if month not in range(1, 13) -%}
        {{ exceptions.raise_compiler_error(
            "The variable fiscal_year_starts_month is '" ~ var('fiscal_year_starts_month') ~ "': it must be the number of a month, 1 to 12."
        ) }}
    {%- endif -%}
    {{- return(month) -}}
{% endmacro %}


{#- What tells the fiscal year of a day from others: the first day of the calendar year in which it starts. -#}
{% macro fiscal_year_of(day) -%}
    {{ year_of(month_after(month_of(day), 1 - fiscal_year_starts_month())) }}
{%- endmacro %}


{#- Month of the fiscal year that a day lies in, 1 to 12. -#}
{% macro fiscal_month_of(day) -%}
    cast(mod(cast(extract(month from {{ day }}) as integer) + {{ 12 - fiscal_year_starts_month() }}, 12) + 1 as integer)
{%- endmacro %}


{#- First day of the fiscal year of a day, as a date. -#}
{% macro fiscal_year_start_of(day) -%}
    {{ month_after(fiscal_year_of(day), fiscal_year_starts_month() - 1) }}
{%- endmacro %}


{#- First day of the quarter of the fiscal year of a day, as a date: quarters are shifted by what the start lies off January, April, July or October. -#}
{% macro fiscal_quarter_start_of(day) -%}
    {%- set shift = (fiscal_year_starts_month() - 1) % 3 -%}
    {%- set quarter = dbt.date_trunc('quarter', month_after(month_of(day), -shift)) -%}
    {{ month_after(quarter, shift) }}
{%- endmacro %}

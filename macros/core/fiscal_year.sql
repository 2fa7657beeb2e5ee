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

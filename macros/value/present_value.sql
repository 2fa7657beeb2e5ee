{#- What one unit of money is worth that is paid some years from now: (1 + i)^-years. A payment in the past, years < 0, has
    grown since.

    years: expression, double.
    yearly_rate: expression of the discount rate a year. -#}
{% macro discount_factor(years, yearly_rate) -%}
    power(1 + cast({{ yearly_rate }} as double), -cast({{ years }} as double))
{%- endmacro %}


{#- Years from one date to another, days / 365 (Actual/365 Fixed), so that a day weighs the same in every year. -#}
{% macro years_between(from_day, to_day) -%}
    (cast({{ dbt.datediff(from_day, to_day, 'day') }} as double) / 365)
{%- endmacro %}


{#- Continuous discount rate a period, from the yearly rate: ln(1 + i) / periods. -#}
{% macro continuous_rate(yearly_rate, periods_a_year) -%}
    (ln(1 + cast({{ yearly_rate }} as double)) / {{ periods_a_year }})
{%- endmacro %}

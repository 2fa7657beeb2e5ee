{#- First day of the last month that had ended by a day, as a date; a day that ends a month belongs to it. -#}
{% macro last_ended_month(day) -%}
    cast({{ dbt.dateadd('month', -1, month_of(dbt.dateadd('day', 1, day))) }} as date)
{%- endmacro %}


{#- First day of the month that lies a number of months after a month, as a date. -#}
{% macro month_after(month, months=1) -%}
    cast({{ dbt.dateadd('month', months, month) }} as date)
{%- endmacro %}


{#- Last day of a month, as a date. -#}
{% macro month_end_of(month) -%}
    cast({{ dbt.last_day(month, 'month') }} as date)
{%- endmacro %}

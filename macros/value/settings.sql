{#- One governed number of the seed value_settings, as a scalar subquery, double. It stands beside columns and in macros alike. -#}
{% macro value_setting(name) -%}
    (select cast(max(case when setting = '{{ name }}' then setting_value end) as double) from {{ ref('value_settings') }})
{%- endmacro %}


{#- Horizons for which purchases are predicted, weeks by name: 12, 24 and 36 months of 365.25 / 12 days. -#}
{% macro value_horizons() -%}
    {{ return({'12m': 365.25 / 7, '24m': 2 * 365.25 / 7, '36m': 3 * 365.25 / 7}) }}
{%- endmacro %}

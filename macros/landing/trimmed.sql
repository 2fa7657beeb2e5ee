{#- Text without the spaces at both ends, the no-break space of spreadsheets and every other space of Unicode included. -#}
{% macro trimmed(text) -%}
    {{ adapter.dispatch('trimmed')(text) }}
{%- endmacro %}

{% macro default__trimmed(text) -%}
    trim({{ text }})
{%- endmacro %}

{#- Spark's trim knows the plain space only. -#}
{% macro spark__trimmed(text) -%}
    regexp_replace({{ text }}, '^[\\p{Zs}]+|[\\p{Zs}]+$', '')
{%- endmacro %}

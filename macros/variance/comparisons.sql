{#- Kinds of period that are compared with the one before: name -> number of months. -#}
{% macro compared_periods() -%}
    {{ return({'month': 1, 'quarter': 3, 'year': 12}) }}
{%- endmacro %}


{#- First day of the period of a kind that a month lies in, by the company's fiscal year. -#}
{% macro period_of(kind, month) -%}
    {%- if kind == 'month' -%}
    {{ month }}
    {%- elif kind == 'quarter' -%}
    {{ fiscal_quarter_start_of(month) }}
    {%- else -%}
    {{ fiscal_year_start_of(month) }}
    {%- endif -%}
{%- endmacro %}


{#- What a customer is in a comparison of two periods: new with sales in the later one alone, lost with sales in the earlier one alone, else
    kept; who has no name is always kept.

    current, compared: expressions, 1 where the customer has sales in the later and in the earlier period. -#}
{% macro compared_customer(current, compared) -%}
    case
        when is_unattributed or {{ current }} = {{ compared }} then 'kept'
        when {{ current }} = 1 then 'new'
        else 'lost'
    end
{%- endmacro %}


{#- Columns that say what the customer of a row is, once as part of a later period and once as part of an earlier one. -#}
{% macro comparison_columns() -%}
    {%- set columns = [] -%}
    {%- for kind in compared_periods() -%}
        {%- do columns.extend([kind ~ '_as_current', kind ~ '_as_compared']) -%}
    {%- endfor -%}
    {{ return(columns) }}
{%- endmacro %}


{#- What the customer of a row is in the comparison of a slot.

    rows: alias with the columns of comparison_columns; slots: alias with period_kind and is_current. -#}
{% macro customer_in_slot(rows, slots) -%}
    case {{ slots }}.period_kind
    {%- for kind in compared_periods() %}
        when '{{ kind }}' then case when {{ slots }}.is_current then {{ rows }}.{{ kind }}_as_current else {{ rows }}.{{ kind }}_as_compared end
    {%- endfor %}
    end
{%- endmacro %}

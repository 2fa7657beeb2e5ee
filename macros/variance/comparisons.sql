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
    kept (k, n, l); who has no name is always kept.

    current, compared: expressions, 1 where the customer has sales in the later and in the earlier period. -#}
{% macro compared_customer(current, compared) -%}
    case
        when is_unattributed or {{ current }} = {{ compared }} then 'k'
        when {{ current }} = 1 then 'n'
        else 'l'
    end
{%- endmacro %}


{#- What the customer of a row is in the comparison of a slot: k, n or l.

    rows: alias with comparison_kinds; slots: alias with place. -#}
{% macro customer_in_slot(rows, slots) -%}
    substring({{ rows }}.comparison_kinds, {{ slots }}.place, 1)
{%- endmacro %}


{#- A letter for each comparison that a month is part of: of each kind of period as the later one, then as the earlier one.

    Reads the aliases <kind>_sides with has_sales, had_sales_before and has_sales_after. -#}
{% macro comparison_kinds() -%}
    {%- for kind in compared_periods() -%}
        {{ compared_customer(kind ~ '_sides.has_sales', kind ~ '_sides.had_sales_before') }}
        || {{ compared_customer(kind ~ '_sides.has_sales_after', kind ~ '_sides.has_sales') }}
        {{- '
        || ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

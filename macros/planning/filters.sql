{#- Traits of customers that changes may name, columns of dim_customer. -#}
{% macro plan_traits() -%}
    {{ return(['territory_id', 'industry', 'sales_rep_id']) }}
{%- endmacro %}


{#- What divides a cell where a change names it, and is empty else: traits of customers, and what they buy. -#}
{% macro plan_parts() -%}
    {{ return(plan_traits() + ['product_group']) }}
{%- endmacro %}


{#- Condition that a change reaches a row: a filter that it leaves empty reaches all.

    row: relation with the columns; columns: names. -#}
{% macro is_reached_by(row, columns) -%}
    {%- for column in columns -%}
        {{ '
        and ' if not loop.first }}coalesce(changes.{{ column }}, {{ row }}.{{ column }}) = {{ row }}.{{ column }}
    {%- endfor %}
{%- endmacro %}


{#- Condition that two relations have the same in all these columns, none of them empty.

    left, right: relations; columns: names. -#}
{% macro same_columns(left, right, columns) -%}
    {%- for column in columns -%}
        {{ '
        and ' if not loop.first }}{{ left }}.{{ column }} = {{ right }}.{{ column }}
    {%- endfor %}
{%- endmacro %}


{#- Share of a part in a line of its group in one channel, the same whoever else is named: its own part of the line, as far as the channel had the line at
    the rate of the group or more, and of what is missing to that its part of the sales.

    amount: column of the line, not negative; by_sales: expression of the part of the gross sales. Windows whole (group and channel) and of_group. -#}
{% macro share_of_line(amount, by_sales) -%}
    {%- set rate = 'coalesce(sum(gross_sales_amount) over of_group / nullif(sum(gross_sales_amount) over whole * sum(' ~ amount ~ ') over of_group, 0), 0e0)' -%}
    {{ amount }} * least(coalesce(1e0 / nullif(sum({{ amount }}) over whole, 0), 0e0), {{ rate }})
        + (1 - least(sum({{ amount }}) over whole * {{ rate }}, 1e0)) * {{ by_sales }}
{%- endmacro %}

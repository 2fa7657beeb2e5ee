{#- The amounts of one entry of the waterfall, every column in the same order and 0 where the entry has nothing to say of it,
    so that entries of any kind can stand under each other.

    given: column -> SQL expression. -#}
{% macro waterfall_entry_amounts(given) -%}
    {%- set columns = [
        'quantity', 'returned_quantity', 'gross_sales_amount', 'discount_amount', 'rebate_amount', 'return_amount',
        'cost_of_goods_amount', 'commission_amount', 'payment_fee_amount', 'freight_amount', 'lead_fee_amount',
        'cost_to_serve_amount', 'sustaining_cost_amount', 'rebate_leakage_amount',
    ] -%}
    {%- for column in given if column not in columns -%}
        {{ exceptions.raise_compiler_error("waterfall_entry_amounts: " ~ column ~ " is no amount of an entry; known are " ~ columns | join(', ')) }}
    {%- endfor -%}
    {%- for column in columns %}
    {%- if column in given %}
        cast(coalesce({{ given[column] }}, 0) as decimal(18, 4)) as {{ column }}
    {%- else %}
        cast(0 as decimal(18, 4)) as {{ column }}
    {%- endif %}
    {{- ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}


{#- Amount of a cost that is of one kind, else 0. -#}
{% macro amount_of_kind(column, kind, amount) -%}
    case when {{ column }} = '{{ kind }}' then {{ amount }} end
{%- endmacro %}

{#- Amount columns of the waterfall, in the order in which the marts have them. What is added here is summed over months, windows and
    groups of customers alike. -#}
{% macro waterfall_amounts() -%}
    {{ return([
        'gross_sales_amount', 'discount_amount', 'rebate_amount', 'return_amount', 'net_revenue_amount', 'cost_of_goods_amount',
        'gross_margin_amount', 'commission_amount', 'payment_fee_amount', 'freight_amount', 'lead_fee_amount', 'direct_selling_cost_amount',
        'contribution_margin_amount', 'cost_to_serve_amount', 'customer_margin_amount', 'sustaining_cost_amount', 'customer_profit_amount',
        'rebate_leakage_amount', 'equal_share_cost_amount', 'equal_share_profit_amount', 'variable_cost_amount', 'fixed_cost_amount',
    ]) }}
{%- endmacro %}


{#- Windows of customer_profitability: prefix of the column -> condition on `month`, against the columns of int_calendar__as_of. -#}
{% macro profitability_windows() -%}
    {{ return({
        '': none,
        'last_12m_': 'months.month > ' ~ month_after('calendar.as_of_month', -12) ~ ' and months.month <= calendar.as_of_month',
        'ytd_': 'months.month >= ' ~ year_of('calendar.as_of_month') ~ ' and months.month <= calendar.as_of_month',
    }) }}
{%- endmacro %}


{#- First day of the calendar year of a date, as a date. -#}
{% macro year_of(day) -%}
    cast({{ dbt.date_trunc('year', day) }} as date)
{%- endmacro %}

{#- Whether all that a customer has in a period belongs to orders of other periods: no order in it, and nothing left of revenue and profit once
    orders take what followed from them. The arguments are expressions of sums over the period. -#}
{% macro is_only_after_effects(order_count, net_revenue, profit, order_date_net_revenue, order_date_profit) -%}
    {{ order_count }} = 0 and {{ order_date_net_revenue }} = 0 and {{ order_date_profit }} = 0 and ({{ net_revenue }} <> 0 or {{ profit }} <> 0)
{%- endmacro %}


{#- What customers take away of whom a period has nothing but after-effects of earlier orders; positive. -#}
{% macro after_effect_loss() -%}
    sum(case when is_only_after_effects and customer_profit_amount < 0 then -customer_profit_amount else 0 end)
{%- endmacro %}


{#- Window of the last twelve months of a customer up to a month; the relation has a row for every month. -#}
{% macro last_twelve_months(customer_id, month) -%}
    partition by {{ customer_id }} order by {{ month }} rows between 11 preceding and current row
{%- endmacro %}


{#- Decile of a position: the first tenth is 1. Deciles differ by at most one customer in size, whatever ties there are. -#}
{% macro decile_of(curve_position, customer_count) -%}
    cast(floor(cast(({{ curve_position }} - 1) * 10 as double) / nullif({{ customer_count }}, 0)) as integer) + 1
{%- endmacro %}


{#- Share of a total, a fraction; null where the total is not positive, since a share of nothing or of a loss says nothing. -#}
{% macro share_of_total(amount, total) -%}
    case when {{ total }} > 0 then cast({{ amount }} as double) / nullif(cast({{ total }} as double), 0) end
{%- endmacro %}


{#- Quotient as a fraction; null where the divisor is zero. -#}
{% macro ratio(dividend, divisor) -%}
    cast({{ dividend }} as double) / nullif(cast({{ divisor }} as double), 0)
{%- endmacro %}


{#- Window of all months of a customer up to a month. -#}
{% macro all_months_so_far(customer_id, month) -%}
    partition by {{ customer_id }} order by {{ month }} rows between unbounded preceding and current row
{%- endmacro %}

{#- Expected value of a customer's purchases by Gamma-Gamma: p (v + x m) / (p x + q - 1), equation (5) of Fader & Hardie, The
    Gamma-Gamma Model of Monetary Value (2013): the more repeat purchases, the more the customer's own mean counts.

    purchase_count: expression of the repeat purchases (x), 0 for none.
    average_amount: expression of their mean value (m), the first purchase left out; null where there is none.
    p, q, v: expressions of the parameters, q > 1. -#}
{% macro gamma_gamma_spend(purchase_count, average_amount, p, q, v) -%}
    ({{ p }} * ({{ v }} + coalesce({{ purchase_count }} * {{ average_amount }}, 0))
    / nullif({{ p }} * case when {{ average_amount }} is null then 0 else {{ purchase_count }} end + {{ q }} - 1, 0))
{%- endmacro %}

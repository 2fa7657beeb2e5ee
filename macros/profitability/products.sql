{#- Whether an article counts for the breadth of what a customer buys: postage and other fees are bought along with it, and articles
    without a group are in none. -#}
{% macro is_group_of_products(product_group, product_kind) -%}
    {{ product_kind }} <> 'fee' and {{ product_group }} <> 'ungrouped'
{%- endmacro %}

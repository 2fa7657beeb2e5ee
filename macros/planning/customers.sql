{#- Whether a change of a plan names a customer: by its ID in a list with a blank between them, or as one of the n who lose most, loss_makers:n.

    names: expression of the column customers of plan_changes; customer_id, loss_rank: expressions. -#}
{% macro is_named_customer(names, customer_id, loss_rank) -%}
    (
        {{ is_listed(customer_id, names) }}
        or {{ loss_rank }} <= case when {{ names }} like 'loss_makers:%' then cast({{ dbt.split_part(names, "':'", 2) }} as integer) end
    )
{%- endmacro %}

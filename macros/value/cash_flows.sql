{#- Select of the cash flows of one kind out of a fact: customer_id, happened_on, cash_flow_kind, amount as the fact has it, its
    source and the day of delivery.

    relation: CTE of the fact.
    source_table: its name, for whoever looks the row up.
    key, day, amount: columns or expressions of its key, date and money.
    kind: expression of the kind, as in the seed cash_flow_kinds.
    delivered_on: column of the day of delivery, or 'null' where the row is computed. -#}
{% macro cash_flow(relation, source_table, key, day, amount, kind, delivered_on='delivered_on') -%}
    select
        customer_id,
        {{ day }} as happened_on,
        {{ kind }} as cash_flow_kind,
        {{ amount }} as amount,
        '{{ source_table }}' as source_table,
        {{ key }} as source_id,
        cast({{ delivered_on }} as date) as delivered_on
    from {{ relation }}
{%- endmacro %}

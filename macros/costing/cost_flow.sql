{#- Columns of a flow of cost; a flow says nothing of what is not given. The kind of the sender is the first word of the stage.

    stage: account_to_pool, pool_to_pool, pool_to_activity, pool_to_customer or activity_to_customer.
    values: column to expression: rule_id, sender, receiver, receiver_kind and amount, and where they are known customer_id, activity_id,
        practical_minutes and event_count. -#}
{% macro cost_flow(stage, values) -%}
    period,
        {{ values.rule_id }} as rule_id,
        '{{ stage }}' as stage,
        '{{ stage.split('_')[0] }}' as sender_kind,
        {{ values.sender }} as sender,
        {{ values.receiver }} as receiver,
        {{ values.receiver_kind }} as receiver_kind,
        {{ values.get('customer_id', 'cast(null as ' ~ dbt.type_string() ~ ')') }} as customer_id,
        {{ values.get('activity_id', 'cast(null as ' ~ dbt.type_string() ~ ')') }} as activity_id,
        {{ values.get('practical_minutes', 'cast(null as decimal(18, 4))') }} as practical_minutes,
        {{ values.get('event_count', 'cast(null as bigint)') }} as event_count,
        {{ values.amount }} as amount
{%- endmacro %}

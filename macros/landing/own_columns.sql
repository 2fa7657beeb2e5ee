{#- Own columns that no table of core of their grain carries, a mapping each: feed, staging relation, key columns, column, its name in SQL.

    Feeds without a table of core have all of theirs here; those of orders go to the order lines, but for names that lines have too. -#}
{% macro own_columns_elsewhere() -%}
    {%- set found = [] -%}
    {%- set lines = ref('stg_sales__order_lines') -%}
    {%- for staging, key in own_column_feeds().items() -%}
        {%- set relation = ref(staging) -%}
        {%- set feed = staging.replace('stg_', '').replace('__', '.') -%}
        {%- if execute -%}
            {%- set held = columns_of_relation(lines) if feed == 'sales.orders' else none -%}
            {%- for column in columns_of_relation(relation) if column.startswith('x_') and column not in personal_extensions() -%}
                {%- if held is none or column in held -%}
                    {%- do found.append({
                        'feed': feed, 'relation': relation, 'key': key, 'column': column, 'name': extension_name(column)
                    }) -%}
                {%- endif -%}
            {%- endfor -%}
        {%- endif -%}
    {%- endfor -%}
    {{- return(found) -}}
{%- endmacro %}


{#- Staging models whose own columns own_columns_elsewhere looks for, with their keys within one system. -#}
{% macro own_column_feeds() -%}
    {{- return({
        'stg_crm__customer_links': ['left_source_system', 'left_customer_id', 'right_source_system', 'right_customer_id'],
        'stg_crm__opportunities': ['opportunity_id'],
        'stg_crm__opportunity_events': ['opportunity_event_id'],
        'stg_crm__referrals': ['referral_id'],
        'stg_finance__budgets': ['budget_id'],
        'stg_finance__exchange_rates': ['from_currency_code', 'to_currency_code', 'rate_on'],
        'stg_finance__product_costs': ['product_id', 'valid_from'],
        'stg_marketing__leads': ['lead_id'],
        'stg_sales__orders': ['order_id'],
        'stg_sales__shipments': ['shipment_id'],
        'stg_sales__subscriptions': ['subscription_id'],
        'stg_service__product_usage': ['customer_id', 'product_id', 'used_on'],
        'stg_service__surveys': ['survey_answer_id'],
        'stg_service__tickets': ['ticket_id'],
        'stg_service__warranty_claims': ['warranty_claim_id'],
    }) -}}
{%- endmacro %}

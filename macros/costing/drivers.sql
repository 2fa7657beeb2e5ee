{#- The drivers that facts provide, each with what one unit is; an activity can be driven by these and no others. -#}
{% macro cost_drivers() -%}
    {{ return({
        'orders': 'an order',
        'order_lines': 'a line of an order',
        'units': 'a unit of an article sold',
        'sales_amount': 'money of net sales',
        'returns': 'a return',
        'shipments': 'a shipment, out or back',
        'rebate_claims': 'a coupon or rebate that was claimed',
        'active_months': 'a month in which a customer ordered',
        'active_channel_months': 'a month in which a customer ordered through a channel',
        'payments': 'a payment from or to a customer',
        'calls': 'a call, with or without a sale at its end',
        'visits': 'a visit or demonstration, with or without a sale at its end',
        'mailings': 'a letter of a campaign',
        'e_mails': 'an e-mail of a campaign',
        'leads': 'a lead that came in',
        'media_spend': 'money spent on media',
        'tickets': 'a service ticket',
        'warranty_claims': 'a claim under warranty',
        'warranty_parts': 'money of parts used under warranty',
    }) }}
{%- endmacro %}


{#- The conditions of a time equation: those that hold or do not, with the column of the driver events that says so. -#}
{% macro time_conditions() -%}
    {{ return({
        'special_packaging': 'has_special_packaging',
        'air_freight': 'is_air_freight',
        'new_customer': 'is_new_customer',
        'foreign_order': 'is_foreign_order',
        'by_invoice': 'is_by_invoice',
        'without_sale': 'is_without_sale',
        'organisation': 'is_organisation',
    }) }}
{%- endmacro %}


{#- Columns of the driver events, in order, each with its type; `values` gives an expression for those that are not empty.

    values: mapping of column to expression. -#}
{% macro driver_event(values) -%}
    {%- set columns = {
        'month': 'date', 'driver': dbt.type_string(), 'source_system': dbt.type_string(), 'channel_id': dbt.type_string(),
        'customer_id': dbt.type_string(), 'lead_id': dbt.type_string(), 'campaign_id': dbt.type_string(),
        'media_source': dbt.type_string(), 'order_id': dbt.type_string(), 'product_id': dbt.type_string(), 'quantity': 'decimal(18, 4)',
        'measured_minutes': 'decimal(18, 4)',
        'has_special_packaging': 'boolean', 'is_air_freight': 'boolean', 'is_new_customer': 'boolean',
        'is_foreign_order': 'boolean', 'is_by_invoice': 'boolean', 'is_without_sale': 'boolean',
    } -%}
    {%- set defaults = {'quantity': '1', 'measured_minutes': '0'} -%}
    {%- for column, type in columns.items() %}
        cast({{ values.get(column, defaults.get(column, 'false' if type == 'boolean' else 'null')) }} as {{ type }}) as {{ column }}
        {{- ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}


{#- Columns of an activity's time equation, one for the base, the measured minute and each condition: <condition>_minutes.

    equations: alias of the terms, grouped by activity. -#}
{% macro minutes_by_condition(equations) -%}
    {%- for condition in ['base', 'measured_minute'] + (time_conditions() | list) -%}
        cast(coalesce(sum(case when {{ equations }}.condition = '{{ condition }}' then {{ equations }}.minutes end), 0) as decimal(12, 4))
        as {{ condition }}_minutes
        {{- ',' if not loop.last }}
    {% endfor %}
{%- endmacro %}


{#- Minutes of a driver event by a time equation: quantity × (base + minutes of each condition that holds) + measured minutes ×
    their weight.

    event: alias of the driver events; terms: alias of rows with the columns of minutes_by_condition. -#}
{% macro minutes_of_event(event, terms) -%}
    {%- set each -%}
        cast({{ terms }}.base_minutes
        {%- for condition, column in time_conditions().items() %}
        + case when {{ event }}.{{ column }} then {{ terms }}.{{ condition }}_minutes else 0 end
        {%- endfor %} as decimal(18, 4))
    {%- endset -%}
    {{ exact_product(event ~ '.quantity', each) }} + {{ exact_product(event ~ '.measured_minutes', terms ~ '.measured_minute_minutes') }}
{%- endmacro %}

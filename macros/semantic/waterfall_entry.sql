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

{#- Select of all entries of the waterfall, one kind under the other, each with what it says itself of customer, order, article and place.

    Reads CTEs in the shape of the facts: order_lines, returns, redemptions (those that are paid), direct_selling_costs, activity_costs. -#}
{% macro waterfall_entry_rows() %}
    select
        'order_line/' || order_line_id as waterfall_entry_id,
        'order_line' as entry_kind,
        cast(null as {{ dbt.type_string() }}) as cost_kind,
        cast(null as {{ dbt.type_string() }}) as activity_id,
        ordered_on as occurred_on,
        month,
        customer_id,
        order_id,
        product_id,
        channel_id,
        territory_id,
        sales_rep_id,
        campaign_id,
        currency_code,
        {{- waterfall_entry_amounts({
            'quantity': 'quantity',
            'gross_sales_amount': 'gross_sales_amount',
            'discount_amount': 'discount_amount',
            'cost_of_goods_amount': 'cost_of_goods_amount',
        }) }}
    from order_lines

    union all

    select
        'return/' || return_id as waterfall_entry_id,
        'return' as entry_kind,
        cast(null as {{ dbt.type_string() }}) as cost_kind,
        cast(null as {{ dbt.type_string() }}) as activity_id,
        returned_on as occurred_on,
        month,
        customer_id,
        order_id,
        product_id,
        channel_id,
        cast(null as {{ dbt.type_string() }}) as territory_id,
        cast(null as {{ dbt.type_string() }}) as sales_rep_id,
        cast(null as {{ dbt.type_string() }}) as campaign_id,
        cast(null as {{ dbt.type_string() }}) as currency_code,
        {{- waterfall_entry_amounts({
            'returned_quantity': 'quantity',
            'return_amount': 'refund_amount',
            'cost_of_goods_amount': '-returned_cost_of_goods_amount',
        }) }}
    from returns

    union all

    select
        'rebate/' || redemption_id as waterfall_entry_id,
        'rebate' as entry_kind,
        cast(null as {{ dbt.type_string() }}) as cost_kind,
        cast(null as {{ dbt.type_string() }}) as activity_id,
        paid_on as occurred_on,
        month,
        customer_id,
        order_id,
        product_id,
        cast(null as {{ dbt.type_string() }}) as channel_id,
        cast(null as {{ dbt.type_string() }}) as territory_id,
        cast(null as {{ dbt.type_string() }}) as sales_rep_id,
        campaign_id,
        cast(null as {{ dbt.type_string() }}) as currency_code,
        {{- waterfall_entry_amounts({
            'rebate_amount': 'rebate_amount',
            'rebate_leakage_amount': 'case when is_rebate_leakage then rebate_amount end',
        }) }}
    from redemptions

    union all

    select
        'direct_selling_cost/' || direct_selling_cost_id as waterfall_entry_id,
        'direct_selling_cost' as entry_kind,
        cost_kind,
        cast(null as {{ dbt.type_string() }}) as activity_id,
        incurred_on as occurred_on,
        month,
        customer_id,
        order_id,
        cast(null as {{ dbt.type_string() }}) as product_id,
        cast(null as {{ dbt.type_string() }}) as channel_id,
        cast(null as {{ dbt.type_string() }}) as territory_id,
        cast(null as {{ dbt.type_string() }}) as sales_rep_id,
        cast(null as {{ dbt.type_string() }}) as campaign_id,
        cast(null as {{ dbt.type_string() }}) as currency_code,
        {{- waterfall_entry_amounts({
            'commission_amount': amount_of_kind('cost_kind', 'commission', 'cost_amount'),
            'payment_fee_amount': amount_of_kind('cost_kind', 'payment_fees', 'cost_amount'),
            'freight_amount': amount_of_kind('cost_kind', 'freight', 'cost_amount'),
            'lead_fee_amount': amount_of_kind('cost_kind', 'lead_fees', 'cost_amount'),
        }) }}
    from direct_selling_costs

    union all

    -- Costing closes by the month, so the first day stands for all of it; metrics with this cost are asked by the month.
    select
        'activity_cost/' || activity_id || '/' || cast(month as {{ dbt.type_string() }}) || '/' || customer_id
        || '/' || coalesce(order_id, '') || '/' || coalesce(product_id, '') as waterfall_entry_id,
        'activity_cost' as entry_kind,
        waterfall_line as cost_kind,
        activity_id,
        month as occurred_on,
        month,
        customer_id,
        order_id,
        product_id,
        cast(null as {{ dbt.type_string() }}) as channel_id,
        cast(null as {{ dbt.type_string() }}) as territory_id,
        cast(null as {{ dbt.type_string() }}) as sales_rep_id,
        cast(null as {{ dbt.type_string() }}) as campaign_id,
        cast(null as {{ dbt.type_string() }}) as currency_code,
        {{- waterfall_entry_amounts({
            'cost_to_serve_amount': amount_of_kind('waterfall_line', 'cost_to_serve', 'cost_amount'),
            'sustaining_cost_amount': amount_of_kind('waterfall_line', 'sustaining_cost', 'cost_amount'),
        }) }}
    from activity_costs
{%- endmacro %}


{#- What an entry does not say itself is said by its order; without an order, the customer's own territory and representative stand for it.

    what: channel_id, territory_id, sales_rep_id or campaign_id. Reads the aliases entries, orders and customers. -#}
{% macro waterfall_entry_place(what) -%}
    {%- if what in ['channel_id', 'campaign_id'] -%}
    coalesce(entries.{{ what }}, orders.{{ what }})
    {%- else -%}
    coalesce(entries.{{ what }}, orders.{{ what }}, customers.{{ what }}, {{ unknown_member() }})
    {%- endif -%}
{%- endmacro %}

-- Cash flows of a customer and month sum to each line of the waterfall, and to the customer's profit; acquisition alone is below the line.
{%- set lines = {
    'net_sales_amount': 'gross_sales_amount - discount_amount', 'rebate_amount': '-rebate_amount', 'return_amount': '-return_amount',
    'cost_of_goods_amount': '-cost_of_goods_amount', 'commission_amount': '-commission_amount',
    'payment_fee_amount': '-payment_fee_amount', 'freight_amount': '-freight_amount', 'lead_fee_amount': '-lead_fee_amount',
    'cost_to_serve_amount': '-cost_to_serve_amount', 'sustaining_cost_amount': '-sustaining_cost_amount',
} %}
with

cash_flows as (
    select
        flows.customer_id,
        flows.month,
        kinds.waterfall_measure,
        sum(flows.amount) as amount
    from {{ ref('fct_cash_flows') }} as flows
    inner join {{ ref('cash_flow_kinds') }} as kinds
        on flows.cash_flow_kind = kinds.cash_flow_kind
    where flows.is_in_waterfall
    group by
        flows.customer_id,
        flows.month,
        kinds.waterfall_measure
),

sides as (
    select
        customer_id,
        month,
        waterfall_measure as line,
        amount
    from cash_flows

    union all

    select
        customer_id,
        month,
        'customer_profit_amount' as line,
        amount
    from cash_flows

    {%- for line, amount in lines.items() %}

    union all

    select
        customer_id,
        month,
        '{{ line }}' as line,
        -({{ amount }}) as amount
    from {{ ref('customer_profitability_monthly') }}
    {%- endfor %}

    union all

    select
        customer_id,
        month,
        'customer_profit_amount' as line,
        -customer_profit_amount as amount
    from {{ ref('customer_profitability_monthly') }}
)

select
    customer_id,
    month,
    line,
    sum(amount) as difference_amount
from sides
group by
    customer_id,
    month,
    line
having sum(amount) <> 0

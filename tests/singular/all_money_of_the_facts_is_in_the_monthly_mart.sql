-- Proves that no money is lost, doubled or moved to another customer or month between core and marts: for every
-- customer, month and line, what the facts say is what customer_profitability_monthly says. Returns the differences.

{%- set mart_lines = [
    'gross_sales_amount', 'discount_amount', 'return_amount', 'rebate_amount', 'rebate_leakage_amount', 'cost_of_goods_amount',
    'commission_amount', 'payment_fee_amount', 'freight_amount', 'lead_fee_amount',
] %}

with

order_lines as (
    select * from {{ ref('fct_order_lines') }}
),

returns as (
    select * from {{ ref('fct_returns') }}
),

redemptions as (
    select * from {{ ref('fct_promotion_redemptions') }}
),

direct_selling_costs as (
    select * from {{ ref('fct_direct_selling_costs') }}
),

months as (
    select * from {{ ref('customer_profitability_monthly') }}
),

fact_amounts as (
    select
        customer_id,
        month,
        'gross_sales_amount' as mart_line,
        gross_sales_amount as amount
    from order_lines

    union all

    -- What was invoiced, gross less net, is the discount: taken from another column than the mart takes it from.
    select
        customer_id,
        month,
        'discount_amount' as mart_line,
        gross_sales_amount - net_sales_amount as amount
    from order_lines

    union all

    select
        customer_id,
        month,
        'cost_of_goods_amount' as mart_line,
        cost_of_goods_amount as amount
    from order_lines

    union all

    select
        customer_id,
        month,
        'cost_of_goods_amount' as mart_line,
        -returned_cost_of_goods_amount as amount
    from returns

    union all

    select
        customer_id,
        month,
        'return_amount' as mart_line,
        refund_amount as amount
    from returns

    union all

    select
        customer_id,
        {{ month_of('paid_on') }} as month,
        'rebate_amount' as mart_line,
        rebate_amount as amount
    from redemptions
    where paid_on is not null

    union all

    select
        customer_id,
        {{ month_of('paid_on') }} as month,
        'rebate_leakage_amount' as mart_line,
        rebate_amount as amount
    from redemptions
    where is_rebate_leakage

    union all

    select
        customer_id,
        month,
        case cost_kind
            when 'commission' then 'commission_amount'
            when 'payment_fees' then 'payment_fee_amount'
            when 'freight' then 'freight_amount'
            when 'lead_fees' then 'lead_fee_amount'
            else 'no line for ' || cost_kind
        end as mart_line,
        cost_amount as amount
    from direct_selling_costs
),

mart_amounts as (
    {%- for mart_line in mart_lines %}
    select
        customer_id,
        month,
        '{{ mart_line }}' as mart_line,
        {{ mart_line }} as amount
    from months
    {{- '

    union all
' if not loop.last }}
    {%- endfor %}
),

both_sides as (
    select
        customer_id,
        month,
        mart_line,
        amount as fact_amount,
        0 as mart_amount
    from fact_amounts

    union all

    select
        customer_id,
        month,
        mart_line,
        0 as fact_amount,
        amount as mart_amount
    from mart_amounts
)

select
    customer_id,
    month,
    mart_line,
    sum(fact_amount) as fact_amount,
    sum(mart_amount) as mart_amount
from both_sides
group by
    customer_id,
    month,
    mart_line
having coalesce(sum(fact_amount), 0) <> coalesce(sum(mart_amount), 0)

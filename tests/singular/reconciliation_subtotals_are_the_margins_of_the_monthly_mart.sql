-- Proves that the reconciliation and the monthly mart give finance and sales the same margins: for every month, each
-- subtotal over customers and unattributed is the sum of that margin over the mart's rows. Returns the differences.

{%- set margins = {
    'net_revenue': 'net_revenue_amount',
    'gross_margin': 'gross_margin_amount',
    'contribution_margin': 'contribution_margin_amount',
    'customer_margin': 'customer_margin_amount',
    'customer_profit': 'customer_profit_amount',
    'operating_result': 'customer_profit_amount',
} %}

with

months as (
    select * from {{ ref('customer_profitability_monthly') }}
),

both_sides as (
    select
        month,
        line,
        customers_amount + unattributed_amount as reconciled_amount,
        0 as mart_amount
    from {{ ref('profitability_reconciliation') }}
    where line_kind = 'subtotal'
    {%- for line, column in margins.items() %}

    union all

    select
        month,
        '{{ line }}' as line,
        0 as reconciled_amount,
        {{ column }} as mart_amount
    from months
    {%- endfor %}
)

select
    month,
    line,
    sum(reconciled_amount) as reconciled_amount,
    sum(mart_amount) as mart_amount
from both_sides
group by
    month,
    line
having sum(reconciled_amount) <> sum(mart_amount)

-- Proves that every cost between net revenue and customer profit is either variable or fixed, in the total and in both windows, and that neither is
-- negative for a customer as a whole where the costs it is made of are not. Returns the customers and windows that differ.

with

customers as (
    select * from {{ ref('customer_profitability') }}
)

{% for prefix in profitability_windows() %}
select
    customer_id,
    '{{ prefix }}' as window_name
from customers
where
    {{ prefix }}net_revenue_amount - {{ prefix }}variable_cost_amount - {{ prefix }}fixed_cost_amount <> {{ prefix }}customer_profit_amount
    or (
        {{ prefix }}fixed_cost_amount < 0
        and {{ prefix }}cost_to_serve_amount >= 0
        and {{ prefix }}sustaining_cost_amount >= 0
    )
{{ 'union all' if not loop.last }}
{% endfor %}

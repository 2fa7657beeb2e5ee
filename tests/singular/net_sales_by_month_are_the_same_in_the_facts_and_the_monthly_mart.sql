-- Proves that net sales of all channels together are the same number in core and marts, whoever the customer is: for
-- every month, the net sales of the source systems in fct_order_lines, each converted line by line, add up to gross
-- sales less discounts in customer_profitability_monthly. Returns the months in which they do not.

with

systems as (
    select
        source_system,
        month,
        sum(net_sales_amount) as net_sales_amount
    from {{ ref('fct_order_lines') }}
    group by
        source_system,
        month
),

both_sides as (
    select
        month,
        net_sales_amount as fact_amount,
        0 as mart_amount
    from systems

    union all

    select
        month,
        0 as fact_amount,
        gross_sales_amount - discount_amount as mart_amount
    from {{ ref('customer_profitability_monthly') }}
)

select
    month,
    sum(fact_amount) as fact_amount,
    sum(mart_amount) as mart_amount
from both_sides
group by month
having coalesce(sum(fact_amount), 0) <> coalesce(sum(mart_amount), 0)

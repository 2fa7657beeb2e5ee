-- Proves that the waterfall by article, by order, by channel and by customer, product group and seller is that of the
-- customers: in every month each line of each of them, with what belongs to none, sums to all customers and the
-- unattributed member. Returns the months that differ, with the lines that do.

{%- set marts = ['product_profitability', 'channel_profitability', 'order_profitability', 'customer_product_group_profitability'] %}
{%- set lines = posted_amounts() + ['net_revenue_amount', 'gross_margin_amount', 'contribution_margin_amount', 'customer_profit_amount'] %}

with

customers as (
    select
        {{ waterfall_sums(lines[-4:]) }},
        month
    from {{ ref('customer_profitability_monthly') }}
    group by month
),

units as (
    {%- for mart in marts %}
    select
        {{ waterfall_sums(lines[-4:]) }},
        month,
        '{{ mart }}' as mart
    from {{ ref(mart) }}
    group by month
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

expected as (
    {%- for mart in marts %}
    select
        *,
        '{{ mart }}' as mart
    from customers
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

compared as (
    select
        coalesce(units.mart, expected.mart) as mart,
        coalesce(units.month, expected.month) as month,
        {%- for line in lines %}
        case when coalesce(units.{{ line }}, 0) <> coalesce(expected.{{ line }}, 0) then '{{ line }} ' else '' end ||
        {%- endfor %}
        '' as differing_lines
    from units
    full outer join expected
        on units.mart = expected.mart
        and units.month = expected.month
)

select * from compared
where differing_lines <> ''

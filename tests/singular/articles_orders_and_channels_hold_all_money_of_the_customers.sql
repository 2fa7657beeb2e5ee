-- Proves that the waterfall by article, by order and by channel is that of the customers: in every month each line of each of them, with what
-- belongs to none, sums to all customers and the unattributed member. Returns the months and lines that differ.

{%- set lines = [] -%}
{%- for line in waterfall_lines() if line.kind != 'memo' and line.amount is defined -%}
    {%- do lines.append(line.amount) -%}
{%- endfor -%}
{%- set marts = ['product_profitability', 'channel_profitability', 'order_profitability'] %}

with

customers as (
    select
        month,
        {%- for line in lines %}
        sum({{ line }}) as {{ line }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('customer_profitability_monthly') }}
    group by month
),

units as (
    {%- for mart in marts %}
    select
        '{{ mart }}' as mart,
        month,
        {%- for line in lines %}
        sum({{ line }}) as {{ line }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref(mart) }}
    group by month
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

expected as (
    {%- for mart in marts %}
    select
        '{{ mart }}' as expected_mart,
        customers.month as expected_month,
        {%- for line in lines %}
        customers.{{ line }} as expected_{{ line }}{{ ',' if not loop.last }}
        {%- endfor %}
    from customers
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

compared as (
    select
        *,
        {%- for line in lines %}
        {{ "'' || " if loop.first }}case when coalesce({{ line }}, 0) <> coalesce(expected_{{ line }}, 0) then '{{ line }} ' else '' end
        {{- ' ||' if not loop.last }}
        {%- endfor %} as differing_lines
    from units
    full outer join expected
        on units.mart = expected.expected_mart
        and units.month = expected.expected_month
)

select * from compared
where differing_lines <> ''

-- Proves that customer_profitability is customer_profitability_monthly summed over the months, for every customer and
-- every amount and count that both of them have. The columns are read from the documented contract, so that a column
-- that is added to both is proved without a change here. Returns each customer and column that differs.

{%- set columns = [] %}
{%- if execute %}
{%- set total_columns = graph.nodes['model.' ~ project_name ~ '.customer_profitability'].columns %}
{%- set month_columns = graph.nodes['model.' ~ project_name ~ '.customer_profitability_monthly'].columns %}
{%- for column in month_columns if column in total_columns and (column.endswith('_amount') or column.endswith('_count')) %}
{%- do columns.append(column) %}
{%- endfor %}
{%- endif %}

with

totals as (
    select * from {{ ref('customer_profitability') }}
),

months as (
    select * from {{ ref('customer_profitability_monthly') }}
),

both_sides as (
    {%- for column in columns %}
    select
        customer_id,
        '{{ column }}' as column_name,
        {{ column }} as total_value,
        0 as months_value
    from totals

    union all

    select
        customer_id,
        '{{ column }}' as column_name,
        0 as total_value,
        {{ column }} as months_value
    from months
    {{- '

    union all
' if not loop.last }}
    {%- endfor %}
)

select
    customer_id,
    column_name,
    sum(total_value) as total_value,
    sum(months_value) as months_value
from both_sides
group by
    customer_id,
    column_name
having coalesce(sum(total_value), 0) <> coalesce(sum(months_value), 0)

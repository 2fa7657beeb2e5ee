-- Proves that segment_kpis holds all money of customer_profitability_monthly: per month, every amount of the waterfall, the orders and
-- the ordering customers summed over the segments, those of nobody and of customers without an order included, are those of the mart.
-- Returns each month and column that differs.

with

kpis as (
    select * from {{ ref('segment_kpis') }}
),

months as (
    select
        *,
        case when is_ordering then 1 else 0 end as ordering_customer_count,
        case when is_unattributed then 0 else 1 end as transacting_customer_count
    from {{ ref('customer_profitability_monthly') }}
),

both_sides as (
    {%- for column in waterfall_amounts() + ['order_count', 'ordering_customer_count', 'transacting_customer_count'] %}
    select
        month,
        '{{ column }}' as column_name,
        {{ column }} as kpi_value,
        0 as month_value
    from kpis

    union all

    select
        month,
        '{{ column }}' as column_name,
        0 as kpi_value,
        {{ column }} as month_value
    from months
    {{- '

    union all
' if not loop.last }}
    {%- endfor %}
)

select
    month,
    column_name,
    sum(kpi_value) as kpi_value,
    sum(month_value) as month_value
from both_sides
group by
    month,
    column_name
having coalesce(sum(kpi_value), 0) <> coalesce(sum(month_value), 0)

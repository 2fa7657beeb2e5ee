-- Proves that KPIs on lines of the waterfall are worth what the monthly mart says, by month. Returns the months that miss it.
{%- set lines = [
    'gross_sales', 'discount', 'rebate', 'return', 'net_revenue', 'cost_of_goods', 'gross_margin', 'direct_selling_cost', 'contribution_margin',
    'cost_to_serve', 'customer_margin', 'sustaining_cost', 'customer_profit',
] %}
{%- set names = {'discount': 'discounts', 'rebate': 'rebates', 'return': 'returns'} %}

with

mart as (
    {%- for line in lines %}
    select
        '{{ names.get(line, line) }}' as metric,
        month,
        sum({{ line }}_amount) as amount
    from {{ ref('customer_profitability_monthly') }}
    group by month
    {{- ' union all' if not loop.last }}
    {%- endfor %}
),

kpis as (
    select
        kpi_id,
        metric
    from {{ ref('kpis') }}
),

scorecard as (
    select
        kpi_id,
        period,
        numerator
    from {{ ref('scorecard') }}
    where unit_kind = 'company' and period_kind = 'month'
),

final as (
    select
        kpis.kpi_id,
        mart.month,
        mart.amount,
        scorecard.numerator
    from kpis
    inner join mart
        on kpis.metric = mart.metric
    left join scorecard
        on kpis.kpi_id = scorecard.kpi_id
        and mart.month = scorecard.period
    where coalesce(scorecard.numerator, 0) <> mart.amount
)

select * from final

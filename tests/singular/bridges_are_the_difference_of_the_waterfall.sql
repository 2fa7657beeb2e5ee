-- Proves that the parts of every bridge sum to what they explain: the profit of a unit in a period less that in the period before, taken from
-- the marts that show it; for a territory, that all territories are the company; for a budget, that the company's parts are what it earned less what
-- its accounts planned. Returns the units and periods that differ.

with

dates as (
    select distinct
        month,
        fiscal_quarter_starts_on as quarter,
        fiscal_year_starts_on as year
    from {{ ref('dim_date') }}
),

customer_months as (
    select
        customer_id,
        segment_id,
        month,
        customer_profit_amount
    from {{ ref('customer_profitability_monthly') }}
),

profits as (
    select
        'customer' as unit_kind,
        customer_id as unit_id,
        month,
        customer_profit_amount
    from customer_months

    union all

    select
        'segment' as unit_kind,
        segment_id as unit_id,
        month,
        sum(customer_profit_amount) as customer_profit_amount
    from customer_months
    group by
        segment_id,
        month

    union all

    select
        'company' as unit_kind,
        'company' as unit_id,
        month,
        sum(customer_profit_amount) as customer_profit_amount
    from customer_months
    group by month

    union all

    select
        'product_group' as unit_kind,
        product_group as unit_id,
        month,
        sum(customer_profit_amount) as customer_profit_amount
    from {{ ref('product_profitability') }}
    group by
        product_group,
        month

    union all

    select
        'channel' as unit_kind,
        channel_id as unit_id,
        month,
        customer_profit_amount
    from {{ ref('channel_profitability') }}
),

span as (
    select
        min(month) as first_month,
        max(month) as last_month
    from customer_months
),

-- A period counts once as the later one and once, with its sign turned, as the earlier one.
{%- set kinds = {'month': ('dates.month', 1), 'quarter': ('dates.quarter', 3), 'year': ('dates.year', 12)} %}
sided as (
    {%- for kind, (period, length) in kinds.items() %}
    {%- for shift in [0, length] %}
    select
        profits.unit_kind,
        profits.unit_id,
        '{{ kind }}' as period_kind,
        {{ month_after(period, shift) if shift else period }} as period,
        {{ '-' if shift }}profits.customer_profit_amount as amount
    from profits
    inner join dates
        on profits.month = dates.month
    {{ 'union all' if not loop.last }}
    {%- endfor %}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

first_dates as (
    select
        dates.month,
        dates.quarter,
        dates.year
    from dates
    inner join span
        on dates.month = span.first_month
),

last_dates as (
    select
        dates.month,
        dates.quarter,
        dates.year
    from dates
    inner join span
        on dates.month = span.last_month
),

expected as (
    select
        sided.unit_kind,
        sided.unit_id,
        sided.period_kind,
        sided.period,
        sum(sided.amount) as change_amount
    from sided
    cross join first_dates
    cross join last_dates
    where
        sided.period > case sided.period_kind when 'month' then first_dates.month when 'quarter' then first_dates.quarter else first_dates.year end
        and sided.period <= case sided.period_kind when 'month' then last_dates.month when 'quarter' then last_dates.quarter else last_dates.year end
    group by
        sided.unit_kind,
        sided.unit_id,
        sided.period_kind,
        sided.period
),

bridges as (
    select
        unit_kind,
        unit_id,
        period_kind,
        period,
        basis,
        sum(amount) as amount
    from {{ ref('profit_bridge') }}
    group by
        unit_kind,
        unit_id,
        period_kind,
        period,
        basis
),

explained as (
    select
        unit_kind,
        unit_id,
        period_kind,
        period,
        amount
    from bridges
    where basis = 'actual' and unit_kind <> 'territory'
),

territories as (
    select
        period_kind,
        period,
        sum(case when unit_kind = 'territory' then amount else -amount end) as difference
    from bridges
    where basis = 'actual' and unit_kind in ('territory', 'company')
    group by
        period_kind,
        period
),

plans as (
    select
        month,
        sum(
            case
                when waterfall_line in (
                        'gross_sales', 'discounts', 'rebates', 'returns', 'cost_of_goods', 'commission', 'payment_fees', 'freight', 'lead_fees'
                    )
                    then case when effect > 0 then amount else -amount end
            end
        ) as planned_amount
    from {{ ref('int_finance__plans') }}
    where plan = 'budget'
    group by month
),

earned as (
    select
        month,
        sum(contribution_margin_amount) as contribution_margin_amount
    from {{ ref('channel_profitability') }}
    group by month
),

budgets as (
    select
        plans.month as period,
        earned.contribution_margin_amount - plans.planned_amount as change_amount
    from plans
    inner join earned
        on plans.month = earned.month
    where plans.planned_amount is not null
),

final as (
    select
        coalesce(expected.unit_kind, explained.unit_kind) as unit_kind,
        coalesce(expected.unit_id, explained.unit_id) as unit_id,
        coalesce(expected.period_kind, explained.period_kind) as period_kind,
        coalesce(expected.period, explained.period) as period,
        coalesce(expected.change_amount, 0) - coalesce(explained.amount, 0) as difference
    from expected
    full outer join explained
        on expected.unit_kind = explained.unit_kind
        and expected.unit_id = explained.unit_id
        and expected.period_kind = explained.period_kind
        and expected.period = explained.period

    union all

    select
        'territory' as unit_kind,
        'all' as unit_id,
        period_kind,
        period,
        difference
    from territories

    union all

    select
        'company' as unit_kind,
        'budget' as unit_id,
        'month' as period_kind,
        budgets.period,
        budgets.change_amount - coalesce(bridges.amount, 0) as difference
    from budgets
    left join bridges
        on budgets.period = bridges.period
        and bridges.basis = 'budget'
        and bridges.unit_kind = 'company'
        and bridges.period_kind = 'month'
)

select * from final
where difference <> 0

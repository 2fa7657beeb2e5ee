-- depends_on: {{ ref('int_performance__rule_problems') }}
{%- set always, ever = "cast('0001-01-01' as date)", "cast('9999-12-31' as date)" -%}
{%- set value_type = 'decimal(30, 12)' %}

with

kpis as (
    select
        kpi_id,
        adds_over_time
    from {{ ref('kpis') }}
),

targets as (
    select * from {{ ref('targets') }}
),

plans as (
    select * from {{ ref('delivered_targets') }}
),

budgets as (
    select * from {{ ref('stg_finance__budgets') }}
),

accounts as (
    select
        source_system,
        source_account_id,
        waterfall_line
    from {{ ref('dim_ledger_account') }}
),

exchange_rates as (
    select
        currency_code,
        calendar_date,
        exchange_rate
    from {{ ref('int_finance__daily_exchange_rates') }}
),

sales_rep_keys as (
    select * from {{ ref('int_references__keys') }}
    where entity = 'sales_rep'
),

territory_keys as (
    select * from {{ ref('int_references__keys') }}
    where entity = 'territory'
),

calendar as (
    select distinct
        month,
        fiscal_month,
        fiscal_quarter_starts_on,
        fiscal_year_starts_on
    from {{ ref('dim_date') }}
),

-- Plans as targets of a unit and a month, in reporting currency; one whose months for a kind of unit all begin a quarter is a plan of quarters.
planned as (
    select
        plans.kpi_id,
        plans.unit_kind,
        case plans.unit_kind
            when 'sales_rep' then {{ referred_id('sales_rep_keys') }}
            when 'territory' then {{ referred_id('territory_keys') }}
            else 'company'
        end as unit_id,
        budgets.source_system,
        budgets.scenario,
        budgets.budget_month as month,
        {{ to_reporting_currency('budgets.amount', 'budgets.currency_code', 'exchange_rates.exchange_rate') }} as amount
    from budgets
    inner join plans
        on budgets.scenario = plans.scenario
    {{ resolve_reference('sales_rep_keys', 'budgets.sales_rep_id', 'budgets.source_system') }}
    {{ resolve_reference('territory_keys', 'budgets.territory_id', 'budgets.source_system') }}
    left join accounts
        on budgets.source_system = accounts.source_system
        and budgets.account_id = accounts.source_account_id
    left join exchange_rates
        on budgets.currency_code = exchange_rates.currency_code
        and budgets.budget_month = exchange_rates.calendar_date
    where
        coalesce(plans.waterfall_line, '') = coalesce(accounts.waterfall_line, '')
        and (plans.unit_kind <> 'sales_rep' or budgets.sales_rep_id is not null)
        and (plans.unit_kind <> 'territory' or (budgets.territory_id is not null and budgets.sales_rep_id is null))
),

plan_intervals as (
    select
        planned.source_system,
        planned.scenario,
        planned.kpi_id,
        planned.unit_kind,
        min(case when planned.month = calendar.fiscal_quarter_starts_on then 1 else 0 end) = 1 and count(distinct planned.month) > 1 as is_quarterly
    from planned
    inner join calendar
        on planned.month = calendar.month
    group by planned.source_system, planned.scenario, planned.kpi_id, planned.unit_kind
),

delivered as (
    select
        planned.kpi_id,
        planned.unit_kind,
        planned.unit_id,
        case when plan_intervals.is_quarterly then 'quarter' else 'month' end as period_kind,
        planned.month as period,
        cast(sum(planned.amount) as {{ value_type }}) as target_value
    from planned
    inner join plan_intervals
        on planned.source_system = plan_intervals.source_system
        and planned.scenario = plan_intervals.scenario
        and planned.kpi_id = plan_intervals.kpi_id
        and planned.unit_kind = plan_intervals.unit_kind
    where planned.unit_id is not null
    group by planned.kpi_id, planned.unit_kind, planned.unit_id, plan_intervals.is_quarterly, planned.month
),

period_kinds as (
    {%- for kind in ['month', 'quarter', 'year', 'year_to_date'] %}
    select '{{ kind }}' as period_kind
    {{- ' union all' if not loop.last }}
    {%- endfor %}
),

any_units as (
    select 'company' as unit_kind
    {%- for kind in scorecard_unit_kinds() %}
    union all
    select '{{ kind }}' as unit_kind
    {%- endfor %}
),

stated as (
    select
        targets.kpi_id,
        coalesce(any_units.unit_kind, targets.unit_kind) as unit_kind,
        case when targets.unit_kind <> 'any' and targets.unit_kind = 'company' then 'company' else coalesce(targets.unit_id, '') end as unit_id,
        coalesce(period_kinds.period_kind, targets.period_kind) as period_kind,
        coalesce(targets.period, {{ always }}) as period,
        case when targets.unit_kind = 'any' then 2 else 0 end + case when targets.period_kind = 'any' then 1 else 0 end as generality,
        targets.target_basis,
        cast(targets.target_value as {{ value_type }}) as target_value,
        targets.due_on,
        coalesce(targets.valid_from, {{ always }}) as valid_from,
        coalesce(targets.valid_to, {{ ever }}) as valid_to
    from targets
    left join any_units
        on targets.unit_kind = 'any'
    left join period_kinds
        on targets.period_kind = 'any'
),

parts as (
    select
        kpi_id,
        unit_kind,
        unit_id,
        period_kind,
        period,
        0 as generality,
        'amount' as target_basis,
        target_value,
        2 as preference
    from delivered

    union all

    select
        stated.kpi_id,
        stated.unit_kind,
        stated.unit_id,
        stated.period_kind,
        stated.period,
        stated.generality,
        stated.target_basis,
        stated.target_value,
        1 as preference
    from stated
    inner join kpis
        on stated.kpi_id = kpis.kpi_id
    where
        stated.period_kind in ('month', 'quarter') and stated.unit_id <> '' and stated.period > {{ always }}
        and kpis.adds_over_time = 'sum'
        and stated.valid_from <= {{ period_end('stated.period_kind', 'stated.period') }}
        and stated.valid_to >= {{ period_end('stated.period_kind', 'stated.period') }}
),

-- Of a month with a rule and a plan the rule counts, once.
ranked_parts as (
    select
        *,
        row_number() over (partition by kpi_id, unit_kind, unit_id, period_kind, period order by preference, generality) as place
    from parts
),

-- What is planned for every month of a longer period, or every quarter of a year, is a target of that period too.
monthly as (
    select
        kpi_id,
        unit_kind,
        unit_id,
        period_kind,
        target_value,
        case when period_kind = 'month' then 1 else 3 end as month_count,
        {{ month_after('period', "case when period_kind = 'month' then 0 else 2 end") }} as last_month
    from ranked_parts
    where place = 1 and target_basis = 'amount'
),

monthly_sums as (
    select
        monthly.kpi_id,
        monthly.unit_kind,
        monthly.unit_id,
        -- A quarter that is planned as one goes before its months.
        case when monthly.period_kind = 'quarter' then 0 else 1 end as generality,
        monthly.last_month,
        calendar.fiscal_month,
        calendar.fiscal_quarter_starts_on,
        calendar.fiscal_year_starts_on,
        sum(monthly.target_value) over (
            partition by monthly.kpi_id, monthly.unit_kind, monthly.unit_id, monthly.period_kind, calendar.fiscal_quarter_starts_on
        ) as quarter_value,
        sum(monthly.month_count) over (
            partition by monthly.kpi_id, monthly.unit_kind, monthly.unit_id, monthly.period_kind, calendar.fiscal_quarter_starts_on
        ) as quarter_months,
        sum(monthly.target_value) over (
            partition by monthly.kpi_id, monthly.unit_kind, monthly.unit_id, monthly.period_kind, calendar.fiscal_year_starts_on
            order by monthly.last_month rows between unbounded preceding and current row
        ) as year_value,
        sum(monthly.month_count) over (
            partition by monthly.kpi_id, monthly.unit_kind, monthly.unit_id, monthly.period_kind, calendar.fiscal_year_starts_on
            order by monthly.last_month rows between unbounded preceding and current row
        ) as year_months
    from monthly
    inner join calendar
        on monthly.last_month = calendar.month
),

summed as (
    select distinct
        kpi_id,
        unit_kind,
        unit_id,
        'quarter' as period_kind,
        fiscal_quarter_starts_on as period,
        generality,
        quarter_value as target_value
    from monthly_sums
    where quarter_months = 3

    union all

    select
        kpi_id,
        unit_kind,
        unit_id,
        'year_to_date' as period_kind,
        last_month as period,
        generality,
        year_value as target_value
    from monthly_sums
    where year_months = fiscal_month

    union all

    select
        kpi_id,
        unit_kind,
        unit_id,
        'year' as period_kind,
        fiscal_year_starts_on as period,
        generality,
        year_value as target_value
    from monthly_sums
    where year_months = 12 and fiscal_month = 12
),

planned_targets as (
    select
        kpi_id,
        unit_kind,
        unit_id,
        period_kind,
        period,
        0 as generality,
        target_value,
        2 as preference
    from delivered

    union all

    select
        kpi_id,
        unit_kind,
        unit_id,
        period_kind,
        period,
        generality,
        cast(target_value as {{ value_type }}) as target_value,
        3 as preference
    from summed
),

final as (
    select
        *,
        1 as preference
    from stated

    union all

    select
        kpi_id,
        unit_kind,
        unit_id,
        period_kind,
        period,
        generality,
        'amount' as target_basis,
        target_value,
        {{ period_end('period_kind', 'period') }} as due_on,
        {{ always }} as valid_from,
        {{ ever }} as valid_to,
        preference
    from planned_targets
)

select * from final

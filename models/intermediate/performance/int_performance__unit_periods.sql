{%- set always, ever = "cast('0001-01-01' as date)", "cast('9999-12-31' as date)" -%}
{%- set positive_only = scorecard_metrics() | selectattr('positive_only') | map(attribute='metric') | list -%}
{%- set value_type = 'decimal(30, 12)' %}

with

unit_months as (
    select * from {{ ref('int_performance__unit_months') }}
),

kpis as (
    select
        kpi_id,
        adds_over_units,
        adds_over_time,
        unit,
        metric in ({{ sql_literals(positive_only or ['']) }}) as is_positive_only
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
        fiscal_quarter,
        fiscal_quarter_starts_on,
        fiscal_year_starts_on
    from {{ ref('dim_date') }}
),

as_of as (
    select
        first_month,
        as_of_month
    from {{ ref('int_calendar__as_of') }}
),

-- Plans as targets of a unit and a month, in reporting currency; one whose months all begin a quarter is a plan of quarters.
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
        min(case when planned.month = calendar.fiscal_quarter_starts_on then 1 else 0 end) = 1 and count(distinct planned.month) > 1 as is_quarterly
    from planned
    inner join calendar
        on planned.month = calendar.month
    group by planned.source_system, planned.scenario
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
        case when targets.unit_kind <> 'any' and targets.unit_kind = 'company' then 'company' else coalesce(targets.unit_id, '') end as unit_key,
        coalesce(period_kinds.period_kind, targets.period_kind) as period_kind,
        coalesce(targets.period, {{ always }}) as period_key,
        case when targets.unit_kind = 'any' then 1 else 0 end + case when targets.period_kind = 'any' then 1 else 0 end as generality,
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

-- What is planned for every month of a longer period, or every quarter of a year, is a target of that period too.
monthly as (
    select
        parts.*,
        case when parts.period_kind = 'month' then 1 else 3 end as month_count,
        {{ month_after('parts.period', "case when parts.period_kind = 'month' then 0 else 2 end") }} as last_month
    from (
        select
            kpi_id,
            unit_kind,
            unit_id,
            period_kind,
            period,
            target_value
        from delivered

        union all

        select
            stated.kpi_id,
            stated.unit_kind,
            stated.unit_key as unit_id,
            stated.period_kind,
            stated.period_key as period,
            stated.target_value
        from stated
        inner join kpis
            on stated.kpi_id = kpis.kpi_id
        where
            stated.period_kind in ('month', 'quarter') and stated.unit_key <> '' and stated.period_key > {{ always }}
            and stated.target_basis = 'amount' and kpis.adds_over_time = 'sum'
            and stated.valid_from <= {{ month_end_of('stated.period_key') }} and stated.valid_to >= {{ month_end_of('stated.period_key') }}
    ) as parts
),

monthly_sums as (
    select
        monthly.kpi_id,
        monthly.unit_kind,
        monthly.unit_id,
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
        year_value as target_value
    from monthly_sums
    where year_months = 12 and fiscal_month = 12
),

all_targets as (
    select
        *,
        1 as preference
    from stated

    union all

    select
        kpi_id,
        unit_kind,
        unit_id as unit_key,
        period_kind,
        period as period_key,
        0 as generality,
        'amount' as target_basis,
        target_value,
        {{ period_end('period_kind', 'period') }} as due_on,
        {{ always }} as valid_from,
        {{ ever }} as valid_to,
        2 as preference
    from delivered

    union all

    select
        kpi_id,
        unit_kind,
        unit_id as unit_key,
        period_kind,
        period as period_key,
        0 as generality,
        'amount' as target_basis,
        cast(target_value as {{ value_type }}) as target_value,
        {{ period_end('period_kind', 'period') }} as due_on,
        {{ always }} as valid_from,
        {{ ever }} as valid_to,
        3 as preference
    from summed
),

spans as (
    select
        kpi_id,
        min(month) as first_month,
        max(month) as last_month
    from unit_months
    group by kpi_id
),

units as (
    select distinct
        kpi_id,
        unit_kind,
        unit_id,
        parent_unit_kind,
        parent_unit_id,
        unit_level,
        member_kind,
        member_id
    from unit_months

    union

    -- One that has a plan and nothing else.
    select
        kpi_id,
        unit_kind,
        unit_id,
        case when unit_kind <> 'company' then 'company' end as parent_unit_kind,
        case when unit_kind <> 'company' then 'company' end as parent_unit_id,
        case when unit_kind <> 'company' then 1 else 0 end as unit_level,
        unit_kind as member_kind,
        unit_id as member_id
    from delivered
),

-- Every month in which the KPI is counted: a unit without any entry has sold nothing then.
dense as (
    select
        units.*,
        kpis.adds_over_time,
        calendar.month,
        calendar.fiscal_month,
        calendar.fiscal_quarter_starts_on,
        calendar.fiscal_year_starts_on,
        spans.last_month as span_last_month,
        coalesce(unit_months.numerator, 0) as numerator,
        coalesce(unit_months.denominator, 0) as denominator
    from units
    inner join kpis
        on units.kpi_id = kpis.kpi_id
    inner join spans
        on units.kpi_id = spans.kpi_id
    inner join calendar
        on spans.first_month <= calendar.month
        and spans.last_month >= calendar.month
    left join unit_months
        on units.kpi_id = unit_months.kpi_id
        and units.unit_kind = unit_months.unit_kind
        and units.unit_id = unit_months.unit_id
        and calendar.month = unit_months.month
),

months as (
    select
        *,
        'month' as period_kind,
        month as period,
        true as is_counted
    from dense

    union all

    select
        *,
        'quarter' as period_kind,
        fiscal_quarter_starts_on as period,
        adds_over_time <> 'last' or month = least(span_last_month, {{ month_after('fiscal_quarter_starts_on', 2) }}) as is_counted
    from dense

    union all

    select
        *,
        'year' as period_kind,
        fiscal_year_starts_on as period,
        adds_over_time <> 'last' or month = least(span_last_month, {{ month_after('fiscal_year_starts_on', 11) }}) as is_counted
    from dense
),

totals as (
    select
        kpi_id,
        unit_kind,
        unit_id,
        parent_unit_kind,
        parent_unit_id,
        unit_level,
        member_kind,
        member_id,
        period_kind,
        period,
        period as starts_on,
        sum(case when is_counted then numerator else 0 end) as numerator,
        sum(denominator) as denominator
    from months
    group by kpi_id, unit_kind, unit_id, parent_unit_kind, parent_unit_id, unit_level, member_kind, member_id, period_kind, period

    union all

    select
        kpi_id,
        unit_kind,
        unit_id,
        parent_unit_kind,
        parent_unit_id,
        unit_level,
        member_kind,
        member_id,
        'year_to_date' as period_kind,
        month as period,
        fiscal_year_starts_on as starts_on,
        case
            when adds_over_time = 'last' then numerator
            else sum(numerator) over (partition by kpi_id, unit_kind, unit_id, fiscal_year_starts_on order by month rows unbounded preceding)
        end as numerator,
        sum(denominator) over (
            partition by kpi_id, unit_kind, unit_id, fiscal_year_starts_on
            order by month
            rows between unbounded preceding and current row
        ) as denominator
    from dense
),

valued as (
    select
        totals.*,
        kpis.adds_over_units,
        kpis.unit,
        {{ period_end('totals.period_kind', 'totals.period') }} as ends_on,
        case
            when kpis.adds_over_units = 'sum' then cast(totals.numerator as double)
            when totals.denominator = 0 or (kpis.is_positive_only and totals.denominator < 0) then null
            else cast(totals.numerator as double) / cast(totals.denominator as double)
        end as exact_value,
        totals.starts_on >= as_of.first_month and totals.starts_on >= spans.first_month
        and {{ period_end('totals.period_kind', 'totals.period') }} <= {{ month_end_of('least(as_of.as_of_month, spans.last_month)') }} as is_complete
    from totals
    inner join kpis
        on totals.kpi_id = kpis.kpi_id
    inner join spans
        on totals.kpi_id = spans.kpi_id
    cross join as_of
),

actual as (
    select
        *,
        case
            when adds_over_units = 'sum' then cast(numerator as {{ value_type }})
            else {{ rounded_number('exact_value', 9, value_type) }}
        end as actual_value,
        {{ month_after('period', "case period_kind when 'month' then -1 when 'quarter' then -3 else -12 end") }} as previous_period,
        {{ month_after('period', -12) }} as last_year_period
    from valued
),

compared as (
    select
        actual.*,
        previous.actual_value as previous_value,
        previous.exact_value as previous_exact_value,
        previous.numerator as previous_numerator,
        previous.denominator as previous_denominator,
        last_year.actual_value as last_year_value,
        last_year.numerator as last_year_numerator,
        last_year.denominator as last_year_denominator
    from actual
    -- What is not covered as a whole is nothing to compare with.
    left join actual as previous
        on actual.kpi_id = previous.kpi_id
        and actual.unit_kind = previous.unit_kind
        and actual.unit_id = previous.unit_id
        and actual.period_kind = previous.period_kind
        and actual.previous_period = previous.period
        and previous.is_complete
    left join actual as last_year
        on actual.kpi_id = last_year.kpi_id
        and actual.unit_kind = last_year.unit_kind
        and actual.unit_id = last_year.unit_id
        and actual.period_kind = last_year.period_kind
        and actual.last_year_period = last_year.period
        and last_year.is_complete
),

-- The unit and the period, the unit, the period, neither: what is named goes before what is said of all.
patterns as (
    {%- for unit, period in [(1, 1), (1, 0), (0, 1), (0, 0)] %}
    select
        {{ loop.index }} as pattern,
        {{ unit }} as has_unit,
        {{ period }} as has_period
    {{- ' union all' if not loop.last }}
    {%- endfor %}
),

targeted as (
    select distinct
        kpi_id,
        unit_kind,
        period_kind
    from all_targets
),

asked as (
    select
        compared.kpi_id,
        compared.unit_kind,
        compared.unit_id,
        compared.period_kind,
        compared.period,
        compared.ends_on,
        patterns.pattern,
        case when patterns.has_unit = 1 then compared.unit_id else '' end as unit_key,
        case when patterns.has_period = 1 then compared.period else {{ always }} end as period_key
    from compared
    inner join targeted
        on compared.kpi_id = targeted.kpi_id
        and compared.unit_kind = targeted.unit_kind
        and compared.period_kind = targeted.period_kind
    cross join patterns
),

chosen as (
    select
        asked.kpi_id,
        asked.unit_kind,
        asked.unit_id,
        asked.period_kind,
        asked.period,
        all_targets.target_basis,
        all_targets.target_value,
        all_targets.due_on,
        row_number() over (
            partition by asked.kpi_id, asked.unit_kind, asked.unit_id, asked.period_kind, asked.period
            order by asked.pattern asc, all_targets.preference asc, all_targets.generality asc, all_targets.valid_from desc
        ) as place
    from asked
    inner join all_targets
        on asked.kpi_id = all_targets.kpi_id
        and asked.unit_kind = all_targets.unit_kind
        and asked.period_kind = all_targets.period_kind
        and asked.unit_key = all_targets.unit_key
        and asked.period_key = all_targets.period_key
        and asked.ends_on >= all_targets.valid_from
        and asked.ends_on <= all_targets.valid_to
),

final as (
    select
        compared.kpi_id,
        compared.unit_kind,
        compared.unit_id,
        compared.parent_unit_kind,
        compared.parent_unit_id,
        compared.unit_level,
        compared.member_kind,
        compared.member_id,
        compared.period_kind,
        compared.period,
        compared.starts_on,
        compared.ends_on,
        compared.is_complete,
        compared.adds_over_units,
        compared.numerator,
        compared.denominator,
        compared.exact_value,
        compared.actual_value,
        case chosen.target_basis
            when 'amount' then chosen.target_value
            when 'previous' then {{ scorecard_multiple('compared.previous_value', 'chosen.target_value', 'compared.unit') }}
            when 'last_year' then {{ scorecard_multiple('compared.last_year_value', 'chosen.target_value', 'compared.unit') }}
        end as target_value,
        chosen.due_on,
        compared.previous_value,
        compared.previous_numerator,
        compared.previous_denominator,
        compared.last_year_value,
        compared.last_year_numerator,
        compared.last_year_denominator
    from compared
    left join chosen
        on compared.kpi_id = chosen.kpi_id
        and compared.unit_kind = chosen.unit_kind
        and compared.unit_id = chosen.unit_id
        and compared.period_kind = chosen.period_kind
        and compared.period = chosen.period
        and chosen.place = 1
)

select * from final

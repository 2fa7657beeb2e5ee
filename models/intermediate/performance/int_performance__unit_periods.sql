{%- set always = "cast('0001-01-01' as date)" -%}
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
    select * from {{ ref('int_performance__unit_targets') }}
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
    from targets
    where preference = 2
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
    from targets
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
        targets.target_basis,
        targets.target_value,
        targets.due_on,
        row_number() over (
            partition by asked.kpi_id, asked.unit_kind, asked.unit_id, asked.period_kind, asked.period
            order by asked.pattern asc, targets.preference asc, targets.generality asc, targets.valid_from desc
        ) as place
    from asked
    inner join targets
        on asked.kpi_id = targets.kpi_id
        and asked.unit_kind = targets.unit_kind
        and asked.period_kind = targets.period_kind
        and asked.unit_key = targets.unit_id
        and asked.period_key = targets.period
        and asked.ends_on >= targets.valid_from
        and asked.ends_on <= targets.valid_to
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

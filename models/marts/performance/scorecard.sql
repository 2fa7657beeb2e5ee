{%- set always, ever = "cast('0001-01-01' as date)", "cast('9999-12-31' as date)" %}

with

periods as (
    select * from {{ ref('int_performance__unit_periods') }}
    where member_kind = unit_kind
),

kpis as (
    select * from {{ ref('kpis') }}
),

bands as (
    select
        *,
        coalesce(valid_from, {{ always }}) as from_day,
        coalesce(valid_to, {{ ever }}) as to_day,
        row_number() over (partition by band_set, valid_from, valid_to order by coalesce(from_value, -1e300)) as place,
        count(*) over (partition by band_set, valid_from, valid_to) as band_count
    from {{ ref('bands') }}
),

company as (
    select
        kpi_id,
        period_kind,
        period,
        actual_value as company_value
    from periods
    where unit_kind = 'company'
),

measured as (
    select
        periods.*,
        kpis.kpi_name,
        kpis.objective_id,
        kpis.owner,
        kpis.unit,
        kpis.direction,
        kpis.score_method,
        kpis.worst_value,
        kpis.best_value,
        kpis.band_set,
        company.company_value,
        {{ attainment('periods.exact_value', 'periods.target_value') }} as attainment,
        case
            when kpis.measured_on = 'value' then periods.exact_value
            else {{ judged_attainment('periods.exact_value', 'periods.target_value') }}
        end as measured_value
    from periods
    inner join kpis
        on periods.kpi_id = kpis.kpi_id
    left join company
        on periods.kpi_id = company.kpi_id
        and periods.period_kind = company.period_kind
        and periods.period = company.period
),

banded as (
    select
        measured.kpi_id,
        measured.unit_kind,
        measured.unit_id,
        measured.period_kind,
        measured.period,
        bands.status,
        bands.score as band_score,
        -- Bands of equal weight, linear within each; open ends reach to the worst and the best value.
        {{ band_score('measured.measured_value', 'bands', 'measured') }} as equal_score
    from measured
    inner join bands
        on measured.band_set = bands.band_set
        and measured.ends_on >= bands.from_day
        and measured.ends_on <= bands.to_day
        and {{ lies_in_band('measured.measured_value', 'bands', 'measured.direction') }}
),

judged as (
    select
        measured.*,
        case
            when measured.exact_value is null then 'no_data'
            when measured.target_value is null or measured.measured_value is null then 'no_target'
            else banded.status
        end as status,
        case
            when measured.exact_value is null or measured.target_value is null or measured.measured_value is null then null
            when measured.score_method = 'linear' then {{ linear_score('measured.measured_value', 'measured.worst_value', 'measured.best_value') }}
            else coalesce(banded.band_score, banded.equal_score)
        end as score,
        -- The best first, what has no data last.
        coalesce(case when measured.direction = 'higher' then -measured.exact_value else measured.exact_value end, 1e300) as place_value
    from measured
    left join banded
        on measured.kpi_id = banded.kpi_id
        and measured.unit_kind = banded.unit_kind
        and measured.unit_id = banded.unit_id
        and measured.period_kind = banded.period_kind
        and measured.period = banded.period
),

final as (
    select
        judged.kpi_id,
        judged.kpi_name,
        judged.objective_id,
        judged.owner,
        judged.unit,
        judged.direction,
        judged.unit_kind,
        judged.unit_id,
        judged.period_kind,
        judged.period,
        {{ period_name('judged.period_kind', 'judged.period') }} as period_name,
        judged.starts_on,
        judged.ends_on,
        judged.is_complete,
        cast(judged.numerator as {{ money_total() }}) as numerator,
        cast(case when judged.adds_over_units = 'ratio' then judged.denominator end as {{ money_total() }}) as denominator,
        judged.actual_value,
        judged.target_value,
        judged.due_on,
        judged.previous_value,
        judged.last_year_value,
        judged.attainment,
        judged.score,
        judged.status,
        case
            when judged.actual_value is null or judged.previous_value is null then null
            when judged.actual_value = judged.previous_value then 'flat'
            when (judged.actual_value > judged.previous_value) = (judged.direction = 'higher') then 'better'
            else 'worse'
        end as trend,
        case
            when judged.unit_kind <> 'company' and judged.actual_value is not null
                then cast(rank() over (partition by judged.kpi_id, judged.unit_kind, judged.period_kind, judged.period order by judged.place_value) as integer)
        end as rank_among_siblings,
        cast(judged.actual_value - judged.company_value as decimal(30, 12)) as difference_to_company_value,
        case
            when judged.adds_over_units = 'sum' and judged.company_value <> 0
                then cast(judged.actual_value as double) / cast(judged.company_value as double)
        end as share_of_company
    from judged
)

select * from final

-- Proves that the numerators and denominators of every KPI, over all units of a kind, are the company's, in every period; so that additive
-- KPIs of the units sum to it and ratios are computed of the same sums. Returns the kinds that miss it.

with

scorecard as (
    select
        kpi_id,
        unit_kind,
        period_kind,
        period,
        sum(numerator) as numerator,
        sum(coalesce(denominator, 0)) as denominator
    from {{ ref('scorecard') }}
    group by kpi_id, unit_kind, period_kind, period
),

final as (
    select
        units.kpi_id,
        units.unit_kind,
        units.period_kind,
        units.period,
        units.numerator - company.numerator as numerator_difference,
        units.denominator - company.denominator as denominator_difference
    from scorecard as units
    inner join scorecard as company
        on units.kpi_id = company.kpi_id
        and units.period_kind = company.period_kind
        and units.period = company.period
        and company.unit_kind = 'company'
    where units.numerator <> company.numerator or units.denominator <> company.denominator
)

select * from final

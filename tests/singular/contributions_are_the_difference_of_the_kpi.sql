-- Proves that what units below contribute is the difference of the KPI to its target, the period before and last year, on every level of every
-- path, exactly; and that rate and mix are the contribution of a ratio. Returns the KPIs whose parts miss it.

with

contributions as (
    select * from {{ ref('scorecard_contributions') }}
),

final as (
    select
        kpi_id,
        unit_kind,
        unit_id,
        period_kind,
        period,
        compared_with,
        child_kind,
        max(difference_value) as difference_value,
        sum(contribution_value) as contribution_value,
        sum(rate_effect_value + mix_effect_value) as effect_value
    from contributions
    group by kpi_id, unit_kind, unit_id, period_kind, period, compared_with, child_kind
    having
        min(difference_value) <> sum(contribution_value) or max(difference_value) <> sum(contribution_value)
        or sum(rate_effect_value + mix_effect_value) <> sum(contribution_value)
)

select * from final

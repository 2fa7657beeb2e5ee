{%- set value_type = 'decimal(30, 12)' %}

with

periods as (
    select * from {{ ref('int_performance__unit_periods') }}
),

-- What the whole is to reach, down the paths: its own target, else its share of what its siblings with targets leave of the one above, by
-- what it was before.
goals_0 as (
    select
        kpi_id,
        unit_kind,
        unit_id,
        period_kind,
        period,
        target_value as goal_value
    from periods
    where unit_kind = 'company'
),
{% for level in range(1, 4) %}
below_{{ level }} as (
    select
        periods.kpi_id,
        periods.unit_kind,
        periods.unit_id,
        periods.parent_unit_kind,
        periods.parent_unit_id,
        periods.period_kind,
        periods.period,
        periods.adds_over_units,
        periods.target_value,
        above.goal_value,
        greatest(coalesce(periods.previous_value, periods.actual_value, 0), 0) as earlier_value,
        cast(greatest(
            above.goal_value - coalesce(sum(periods.target_value) over (
                partition by periods.kpi_id, periods.unit_kind, periods.parent_unit_id, periods.period_kind, periods.period
            ), 0), 0
        ) as decimal(28, 4)) as open_value
    from periods
    left join goals_{{ level - 1 }} as above
        on periods.kpi_id = above.kpi_id
        and periods.parent_unit_kind = above.unit_kind
        and periods.parent_unit_id = above.unit_id
        and periods.period_kind = above.period_kind
        and periods.period = above.period
    where periods.unit_level = {{ level }}
),

-- Weights hold fourteen digits before the point: values that have more are weighed in millions.
open_{{ level }} as (
    select
        *,
        cast(
            case
                when max(earlier_value) over (partition by kpi_id, unit_kind, parent_unit_id, period_kind, period) < 10000000000000 then earlier_value
                else earlier_value * cast(0.000001 as decimal(6, 6))
            end as decimal(18, 4)
        ) as share_weight
    from below_{{ level }}
    where adds_over_units = 'sum' and target_value is null and goal_value is not null
),

shared_{{ level }} as (
    {{ allocate(
        'open_' ~ level, 'open_value', 'share_weight', ['kpi_id', 'unit_kind', 'parent_unit_id', 'period_kind', 'period'], ['unit_id'],
    ) }}
),

goals_{{ level }} as (
    select
        below.kpi_id,
        below.unit_kind,
        below.unit_id,
        below.period_kind,
        below.period,
        coalesce(
            below.target_value,
            case when below.adds_over_units = 'ratio' then below.goal_value else cast(shared.allocated_amount as {{ value_type }}) end
        ) as goal_value
    from below_{{ level }} as below
    left join shared_{{ level }} as shared
        on below.kpi_id = shared.kpi_id
        and below.unit_kind = shared.unit_kind
        and below.unit_id = shared.unit_id
        and below.period_kind = shared.period_kind
        and below.period = shared.period
),
{% endfor %}
goals as (
    {%- for level in range(4) %}
    select * from goals_{{ level }}
    {{- ' union all' if not loop.last }}
    {%- endfor %}
),

-- What each unit is held against: value, and for ratios what it is computed of.
compared as (
    select
        periods.*,
        'target' as compared_with,
        goals.goal_value as compared_value,
        cast(null as decimal(38, 4)) as compared_numerator,
        periods.denominator as compared_denominator
    from periods
    left join goals
        on periods.kpi_id = goals.kpi_id
        and periods.unit_kind = goals.unit_kind
        and periods.unit_id = goals.unit_id
        and periods.period_kind = goals.period_kind
        and periods.period = goals.period

    union all

    select
        periods.*,
        'previous' as compared_with,
        previous_value as compared_value,
        previous_numerator as compared_numerator,
        previous_denominator as compared_denominator
    from periods

    union all

    -- The year and the year to date before are those of last year already.
    select
        periods.*,
        'last_year' as compared_with,
        last_year_value as compared_value,
        last_year_numerator as compared_numerator,
        last_year_denominator as compared_denominator
    from periods
    where period_kind in ('month', 'quarter')
),

-- Units that have something to explain, and the units below each.
pairs as (
    select
        above.kpi_id,
        above.unit_kind,
        above.unit_id,
        above.period_kind,
        above.period,
        above.is_complete,
        above.compared_with,
        above.adds_over_units,
        above.actual_value as unit_value,
        above.compared_value as unit_compared_value,
        cast(above.actual_value - above.compared_value as {{ value_type }}) as difference_value,
        cast(coalesce(below.compared_value, above.compared_value) as double) as goal_rate,
        cast(above.denominator as double) as unit_denominator,
        cast(above.compared_denominator as double) as unit_compared_denominator,
        above.exact_value as unit_exact_value,
        below.member_kind as child_kind,
        below.member_id as child_id,
        below.unit_kind as child_unit_kind,
        below.unit_id as child_unit_id,
        below.actual_value as child_value,
        case when above.adds_over_units = 'sum' then coalesce(below.compared_value, 0) else below.compared_value end as child_compared_value,
        below.numerator,
        below.denominator,
        below.compared_numerator,
        below.compared_denominator
    from compared as above
    inner join compared as below
        on above.kpi_id = below.kpi_id
        and above.unit_kind = below.parent_unit_kind
        and above.unit_id = below.parent_unit_id
        and above.period_kind = below.period_kind
        and above.period = below.period
        and above.compared_with = below.compared_with
    where above.actual_value is not null and above.compared_value is not null
),

weighed as (
    select
        *,
        cast(unit_compared_value as double) as unit_compared_rate,
        coalesce(cast(numerator as double) / nullif(unit_denominator, 0), 0) as part,
        coalesce(cast(denominator as double) / nullif(unit_denominator, 0), 0) as weight,
        case
            when compared_with = 'target' then coalesce(cast(denominator as double) / nullif(unit_denominator, 0), 0) * goal_rate
            else coalesce(cast(compared_numerator as double) / nullif(unit_compared_denominator, 0), 0)
        end as compared_part,
        coalesce(cast(compared_denominator as double) / nullif(unit_compared_denominator, 0), 0) as compared_weight
    from pairs
),

rated as (
    select
        *,
        coalesce(part / nullif(weight, 0), compared_part / nullif(compared_weight, 0), 0)
        + coalesce(compared_part / nullif(compared_weight, 0), part / nullif(weight, 0), 0) as twice_mean_rate
    from weighed
),

-- Of a sum, what the unit below is more or less. Of a ratio: the change of its weight at the mean of its rates, as far as that is off the mean
-- rate of the whole, is mix; what its part in the numerator changes beyond that is its rate. One without a weight in one of the periods has
-- there the rate of the other.
effects as (
    select
        *,
        case
            when adds_over_units = 'ratio'
                then {{ rounded_number('part - compared_part - (weight - compared_weight) * twice_mean_rate / 2', 9, value_type) }}
        end as rate_effect,
        case
            when adds_over_units = 'ratio'
                then {{ rounded_number('(weight - compared_weight) * (twice_mean_rate - unit_exact_value - unit_compared_rate) / 2', 9, value_type) }}
        end as mix_effect,
        cast(child_value - child_compared_value as {{ value_type }}) as sum_effect
    from rated
),

contributions as (
    select
        *,
        cast(case when adds_over_units = 'ratio' then rate_effect + mix_effect else sum_effect end as {{ value_type }}) as contribution
    from effects
),

totals as (
    select
        *,
        cast(
            difference_value
            - cast(sum(contribution) over (partition by kpi_id, unit_kind, unit_id, period_kind, period, compared_with, child_kind) as {{ value_type }})
            as {{ value_type }}
        ) as rest_value,
        1e-8 * count(*) over (partition by kpi_id, unit_kind, unit_id, period_kind, period, compared_with, child_kind) as rounding_value,
        row_number() over (
            partition by kpi_id, unit_kind, unit_id, period_kind, period, compared_with, child_kind
            order by abs(contribution) desc, abs(child_value) desc nulls last, child_id
        ) as place
    from contributions
),

-- What rounding leaves of a ratio goes to the largest effect; more than that is a target that the units below do not add up to.
lines as (
    select
        *,
        child_id as line_id,
        child_value as line_value,
        child_compared_value as line_compared_value,
        contribution + case when place = 1 and adds_over_units = 'ratio' and abs(rest_value) < rounding_value then rest_value else 0 end as line_contribution,
        rate_effect + case when place = 1 and abs(rest_value) < rounding_value then rest_value else 0 end as line_rate_effect,
        mix_effect as line_mix_effect
    from totals
    where contribution <> 0 or child_value <> 0 or (place = 1 and adds_over_units = 'ratio' and rest_value <> 0 and abs(rest_value) < rounding_value)

    union all

    select
        *,
        '(not shared out)' as line_id,
        cast(null as {{ value_type }}) as line_value,
        cast(null as {{ value_type }}) as line_compared_value,
        rest_value as line_contribution,
        case when adds_over_units = 'ratio' then rest_value end as line_rate_effect,
        case when adds_over_units = 'ratio' then cast(0 as {{ value_type }}) end as line_mix_effect
    from totals
    where place = 1 and rest_value <> 0 and (adds_over_units = 'sum' or abs(rest_value) >= rounding_value)
),

final as (
    select
        lines.kpi_id,
        lines.unit_kind,
        lines.unit_id,
        lines.period_kind,
        lines.period,
        {{ period_name('lines.period_kind', 'lines.period') }} as period_name,
        lines.is_complete,
        lines.compared_with,
        lines.unit_value,
        lines.unit_compared_value,
        lines.difference_value,
        lines.child_kind,
        lines.line_id as child_id,
        lines.line_value as child_value,
        lines.line_compared_value as child_compared_value,
        cast(lines.line_contribution as {{ value_type }}) as contribution_value,
        cast(lines.line_rate_effect as {{ value_type }}) as rate_effect_value,
        lines.line_mix_effect as mix_effect_value
    from lines
)

select * from final

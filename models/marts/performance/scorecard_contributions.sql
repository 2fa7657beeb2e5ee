{%- set value_type = 'decimal(30, 12)' %}

with

periods as (
    select * from {{ ref('int_performance__unit_periods') }}
),

calendar as (
    select distinct
        month,
        fiscal_year,
        fiscal_quarter
    from {{ ref('dim_date') }}
),

-- What each unit is held against: value, and for ratios what it is computed of.
compared as (
    select
        kpi_id, unit_kind, unit_id, parent_unit_kind, parent_unit_id, member_kind, member_id, period_kind, period, is_complete,
        adds_over_units, numerator, denominator, exact_value, actual_value, previous_value,
        'previous' as compared_with,
        previous_value as compared_value,
        previous_numerator as compared_numerator,
        previous_denominator as compared_denominator
    from periods

    union all

    select
        kpi_id, unit_kind, unit_id, parent_unit_kind, parent_unit_id, member_kind, member_id, period_kind, period, is_complete,
        adds_over_units, numerator, denominator, exact_value, actual_value, previous_value,
        'last_year' as compared_with,
        last_year_value as compared_value,
        last_year_numerator as compared_numerator,
        last_year_denominator as compared_denominator
    from periods
    -- That is what the year and the year to date before are already.
    where period_kind in ('month', 'quarter')

    union all

    select
        kpi_id, unit_kind, unit_id, parent_unit_kind, parent_unit_id, member_kind, member_id, period_kind, period, is_complete,
        adds_over_units, numerator, denominator, exact_value, actual_value, previous_value,
        'target' as compared_with,
        target_value as compared_value,
        cast(null as decimal(38, 4)) as compared_numerator,
        denominator as compared_denominator
    from periods
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
        cast(above.denominator as double) as unit_denominator,
        cast(above.compared_denominator as double) as unit_compared_denominator,
        above.exact_value as unit_exact_value,
        below.member_kind as child_kind,
        below.member_id as child_id,
        below.unit_kind as child_unit_kind,
        below.unit_id as child_unit_id,
        below.actual_value as child_value,
        coalesce(below.compared_value, case when above.compared_with <> 'target' and above.adds_over_units = 'sum' then 0 end) as child_compared_value,
        below.numerator,
        below.denominator,
        below.compared_numerator,
        below.compared_denominator,
        -- Shares what the unit is to reach beyond the targets of those below that have one.
        cast(greatest(coalesce(below.previous_value, below.actual_value, 0), 0) as decimal(18, 4)) as share_weight
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

untargeted as (
    select
        *,
        cast(greatest(
            unit_compared_value - coalesce(sum(child_compared_value) over (
                partition by kpi_id, unit_kind, unit_id, period_kind, period, compared_with, child_kind
            ), 0), 0
        ) as decimal(28, 4)) as unshared_value
    from pairs
    where compared_with = 'target' and adds_over_units = 'sum'
),

open_shares as (
    select * from untargeted
    where child_compared_value is null
),

shared_out as (
    {{ allocate(
        'open_shares', 'unshared_value', 'share_weight',
        ['kpi_id', 'unit_kind', 'unit_id', 'period_kind', 'period', 'child_kind'], ['child_unit_id'],
    ) }}
),

expected as (
    select
        pairs.*,
        coalesce(pairs.child_compared_value, cast(shared_out.allocated_amount as {{ value_type }})) as expected_value
    from pairs
    left join shared_out
        on pairs.compared_with = 'target'
        and pairs.kpi_id = shared_out.kpi_id
        and pairs.unit_kind = shared_out.unit_kind
        and pairs.unit_id = shared_out.unit_id
        and pairs.period_kind = shared_out.period_kind
        and pairs.period = shared_out.period
        and pairs.child_kind = shared_out.child_kind
        and pairs.child_unit_id = shared_out.child_unit_id
),

weighed as (
    select
        *,
        cast(numerator as double) / nullif(cast(denominator as double), 0) as child_rate,
        case
            when compared_with = 'target' then coalesce(cast(child_compared_value as double), cast(unit_compared_value as double))
            else cast(compared_numerator as double) / nullif(cast(compared_denominator as double), 0)
        end as compared_rate,
        coalesce(cast(denominator as double) / nullif(unit_denominator, 0), 0) as weight,
        coalesce(cast(compared_denominator as double) / nullif(unit_compared_denominator, 0), 0) as compared_weight
    from expected
),

-- Of a sum, what the unit below is more or less. Of a ratio: the change of its rate at the mean of its weights, and the change of its
-- weight at the mean of its rates, both as far as the rate is off that of the whole. One without a rate in one of the periods has that of the other.
parts as (
    select
        *,
        (coalesce(child_rate, compared_rate, 0) - coalesce(compared_rate, child_rate, 0)) * (weight + compared_weight) / 2 as exact_rate_effect,
        (weight - compared_weight) * (
            (coalesce(child_rate, compared_rate, 0) + coalesce(compared_rate, child_rate, 0)) / 2
            - (unit_exact_value + cast(unit_compared_value as double)) / 2
        ) as exact_mix_effect
    from weighed
),

rounded as (
    select
        *,
        case when adds_over_units = 'ratio' then cast(exact_rate_effect as {{ value_type }}) end as rate_effect_value,
        case when adds_over_units = 'ratio' then cast(exact_mix_effect as {{ value_type }}) end as mix_effect_value,
        case
            when adds_over_units = 'sum' then cast(child_value - coalesce(expected_value, 0) as {{ value_type }})
            else cast(cast(exact_rate_effect as {{ value_type }}) + cast(exact_mix_effect as {{ value_type }}) as {{ value_type }})
        end as contribution_value
    from parts
),

explained as (
    select
        kpi_id, unit_kind, unit_id, period_kind, period, is_complete, compared_with, child_kind,
        unit_value, unit_compared_value, difference_value, adds_over_units,
        cast(difference_value - sum(contribution_value) as {{ value_type }}) as rest_value
    from rounded
    group by
        kpi_id, unit_kind, unit_id, period_kind, period, is_complete, compared_with, child_kind,
        unit_value, unit_compared_value, difference_value, adds_over_units
),

-- What rounding leaves of a ratio goes to the largest effect; more than that is a target that the units below do not add up to.
placed as (
    select
        rounded.*,
        case
            when abs(explained.rest_value) < 0.000001 and rounded.adds_over_units = 'ratio'
                and row_number() over (
                    partition by rounded.kpi_id, rounded.unit_kind, rounded.unit_id, rounded.period_kind, rounded.period,
                        rounded.compared_with, rounded.child_kind
                    order by abs(rounded.exact_rate_effect) desc, rounded.child_unit_id
                ) = 1 then explained.rest_value
            else 0
        end as rest_of_rounding
    from rounded
    inner join explained
        on rounded.kpi_id = explained.kpi_id
        and rounded.unit_kind = explained.unit_kind
        and rounded.unit_id = explained.unit_id
        and rounded.period_kind = explained.period_kind
        and rounded.period = explained.period
        and rounded.compared_with = explained.compared_with
        and rounded.child_kind = explained.child_kind
),

lines as (
    select
        kpi_id, unit_kind, unit_id, period_kind, period, is_complete, compared_with, unit_value, unit_compared_value, difference_value,
        child_kind,
        child_id,
        child_value,
        case
            when adds_over_units = 'sum' then expected_value
            when compared_with = 'target' then coalesce(child_compared_value, unit_compared_value)
            else child_compared_value
        end as child_compared_value,
        cast(contribution_value + rest_of_rounding as {{ value_type }}) as contribution_value,
        cast(rate_effect_value + rest_of_rounding as {{ value_type }}) as rate_effect_value,
        mix_effect_value
    from placed
    where contribution_value <> 0 or rest_of_rounding <> 0 or child_value <> 0

    union all

    select
        kpi_id, unit_kind, unit_id, period_kind, period, is_complete, compared_with, unit_value, unit_compared_value, difference_value,
        child_kind,
        '(not shared out)' as child_id,
        cast(null as {{ value_type }}) as child_value,
        cast(null as {{ value_type }}) as child_compared_value,
        rest_value as contribution_value,
        case when adds_over_units = 'ratio' then rest_value end as rate_effect_value,
        case when adds_over_units = 'ratio' then cast(0 as {{ value_type }}) end as mix_effect_value
    from explained
    where rest_value <> 0 and (adds_over_units = 'sum' or abs(rest_value) >= 0.000001)
),

final as (
    select
        lines.kpi_id,
        lines.unit_kind,
        lines.unit_id,
        lines.period_kind,
        lines.period,
        {{ period_name('lines.period_kind', 'lines.period', 'calendar.fiscal_year', 'calendar.fiscal_quarter') }} as period_name,
        lines.is_complete,
        lines.compared_with,
        lines.unit_value,
        lines.unit_compared_value,
        lines.difference_value,
        lines.child_kind,
        lines.child_id,
        lines.child_value,
        lines.child_compared_value,
        lines.contribution_value,
        lines.rate_effect_value,
        lines.mix_effect_value
    from lines
    left join calendar
        on lines.period = calendar.month
)

select * from final

with

hold_out as (
    select * from {{ ref('int_value__hold_out') }}
),

settings as (
    select
        (1 + {{ value_setting('interval_level') }}) / 2 as bound_level,
        {{ value_setting('interval_level') }} as interval_level,
        {{ value_setting('bias_bound') }} as bias_bound,
        {{ value_setting('minimum_returning_customers') }} as minimum_returning_customers
),

samples as (
    select 'half_0' as sampled_from
    union all
    select 'half_1' as sampled_from
    union all
    select 'all' as sampled_from
),

-- The factors of all customers are used; those of one half are tried on the other.
parts as (
    select
        hold_out.*,
        samples.sampled_from
    from hold_out
    cross join samples
    where samples.sampled_from in ('all', 'half_' || cast(hold_out.half as {{ dbt.type_string() }}))
),

placed as (
    select
        parts.*,
        settings.bound_level,
        count(*) over (partition by parts.value_segment, parts.method, parts.sampled_from) as customer_count,
        row_number() over (partition by parts.value_segment, parts.method, parts.sampled_from order by parts.below_low asc nulls first) as low_place,
        row_number() over (partition by parts.value_segment, parts.method, parts.sampled_from order by parts.above_high asc nulls first) as high_place
    from parts
    cross join settings
),

-- How far, in standard deviations, a bound has to move so that one in ten is beyond it; inwards where fewer were.
factors as (
    select
        value_segment,
        method,
        sampled_from,
        coalesce(max(case when low_place = ceil(bound_level * customer_count) then below_low end), 0e0) as low_factor,
        coalesce(max(case when high_place = ceil(bound_level * customer_count) then above_high end), 0e0) as high_factor
    from placed
    group by
        value_segment,
        method,
        sampled_from
),

-- The factor of one half of the customers is tried on the other half, so that no customer judges itself.
covered as (
    select
        hold_out.*,
        hold_out.actual_margin >= {{ moved_bound('low', 'hold_out.low_margin', 'hold_out.predicted_margin', 'hold_out.scale', 'factors.low_factor') }}
        and hold_out.actual_margin <= {{ moved_bound('high', 'hold_out.high_margin', 'hold_out.predicted_margin', 'hold_out.scale', 'factors.high_factor') }}
            as is_covered,
        hold_out.actual_margin between hold_out.low_margin and hold_out.high_margin as is_covered_by_model
    from hold_out
    left join factors
        on hold_out.value_segment = factors.value_segment
        and hold_out.method = factors.method
        and factors.sampled_from = 'half_' || cast(1 - hold_out.half as {{ dbt.type_string() }})
),

-- Decimals, so that sums are the same in any order of rows.
measures as (
    select
        customer_id,
        value_segment,
        method,
        'purchases' as measure,
        cast(predicted_purchases as decimal(28, 6)) as predicted,
        cast(actual_purchases as decimal(28, 6)) as actual,
        cast(null as double) as covered,
        cast(null as double) as covered_by_model
    from covered

    union all

    select
        customer_id,
        value_segment,
        method,
        'amount' as measure,
        cast(predicted_amount as decimal(28, 6)) as predicted,
        cast(actual_amount as decimal(28, 6)) as actual,
        cast(null as double) as covered,
        cast(null as double) as covered_by_model
    from covered

    union all

    select
        customer_id,
        value_segment,
        method,
        'margin' as measure,
        cast(predicted_margin as decimal(28, 6)) as predicted,
        cast(actual_margin as decimal(28, 6)) as actual,
        case when is_covered then 1e0 else 0e0 end as covered,
        case when is_covered_by_model then 1e0 else 0e0 end as covered_by_model
    from covered
),

segments as (
    select * from measures

    union all

    select
        customer_id,
        'all' as value_segment,
        method,
        measure,
        predicted,
        actual,
        covered,
        covered_by_model
    from measures
),

ranked as (
    select
        *,
        count(*) over (partition by value_segment, method, measure) as customer_count,
        rank() over (partition by value_segment, method, measure order by predicted desc) as predicted_rank,
        count(*) over (partition by value_segment, method, measure, predicted) as predicted_ties,
        rank() over (partition by value_segment, method, measure order by actual desc) as actual_rank,
        count(*) over (partition by value_segment, method, measure, actual) as actual_ties
    from segments
),

-- Those who are predicted the same share their ranks, so that the order of rows decides nothing.
prepared as (
    select
        *,
        cast(power(cast(predicted - actual as double), 2) as decimal(38, 6)) as squared_error,
        cast(
            cast(actual as double) * (customer_count + 2 - 2 * predicted_rank - predicted_ties) as decimal(30, 6)
        ) as predicted_part,
        cast(cast(actual as double) * (customer_count + 2 - 2 * actual_rank - actual_ties) as decimal(30, 6)) as actual_part
    from ranked
),

summed as (
    select
        value_segment,
        method,
        measure,
        count(*) as customer_count,
        sum(case when actual = 0 then 0 else 1 end) as outcome_count,
        cast(sum(predicted) as double) as predicted_total,
        cast(sum(actual) as double) as actual_total,
        cast(sum(abs(predicted - actual)) as double) / count(*) as mean_absolute_error,
        sqrt(cast(sum(squared_error) as double) / count(*)) as root_mean_squared_error,
        case
            when max(predicted) > min(predicted) and max(actual) > min(actual)
                then covar_pop(cast(predicted as double), cast(actual as double))
                    / nullif(stddev_pop(cast(predicted as double)) * stddev_pop(cast(actual as double)), 0)
        end as correlation,
        cast(sum(predicted_part) as double) as predicted_concentration,
        cast(sum(actual_part) as double) as actual_concentration,
        avg(covered) as coverage,
        avg(covered_by_model) as coverage_by_model
    from prepared
    group by
        value_segment,
        method,
        measure
),

judged as (
    select
        *,
        method in ('repeat_last_period', 'own_rate', 'segment_mean') as is_baseline,
        (predicted_total - actual_total) / nullif(actual_total, 0) as bias
    from summed
),

-- Least squared error in money, which the mean has: the least absolute error has the median, and that is nothing where few come back. A
-- method whose total is off by more than the bound comes after those within it; a tie goes to the simpler one.
choices as (
    select
        judged.value_segment,
        judged.method,
        judged.is_baseline,
        judged.outcome_count >= settings.minimum_returning_customers as is_told_apart,
        row_number() over (
            partition by judged.value_segment
            order by
                case when abs(judged.bias) > settings.bias_bound then abs(judged.bias) else 0 end asc,
                judged.root_mean_squared_error asc,
                case when judged.is_baseline then 0 else 1 end asc,
                judged.method asc
        ) as place
    from judged
    cross join settings
    where judged.measure = 'amount'
),

general_choice as (
    select
        *,
        max(case when value_segment = 'all' and place = 1 then method end) over () as general_method,
        max(case when value_segment = 'all' and place = 1 and is_baseline then 1 else 0 end) over () = 1 as is_general_baseline
    from choices
),

-- A segment of which too few came back says nothing of the methods: it goes by what all customers say.
chosen as (
    select
        value_segment,
        case when is_told_apart then method else general_method end as method,
        case when is_told_apart then is_baseline else is_general_baseline end as is_baseline
    from general_choice
    where place = 1
),

final as (
    select
        judged.value_segment,
        judged.method,
        judged.is_baseline,
        judged.measure,
        judged.customer_count,
        judged.predicted_total,
        judged.actual_total,
        judged.mean_absolute_error,
        judged.root_mean_squared_error,
        judged.bias,
        judged.correlation,
        judged.predicted_concentration / nullif(judged.actual_concentration, 0) as normalised_gini,
        judged.coverage,
        judged.coverage_by_model,
        factors.low_factor,
        factors.high_factor,
        chosen.method as chosen_method,
        chosen.is_baseline as is_baseline_chosen,
        abs(judged.bias) <= settings.bias_bound as is_bias_bounded,
        1 - cast(judged.outcome_count as double) / judged.customer_count as zero_share,
        -- Nothing for everybody would hold as many.
        judged.coverage is not null
        and 1 - cast(judged.outcome_count as double) / judged.customer_count >= settings.interval_level as is_coverage_trivial
    from judged
    cross join settings
    inner join chosen
        on judged.value_segment = chosen.value_segment
    left join factors
        on judged.value_segment = factors.value_segment
        and judged.method = factors.method
        and factors.sampled_from = 'all'
)

select * from final

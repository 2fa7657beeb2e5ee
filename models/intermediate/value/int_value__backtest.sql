with

hold_out as (
    select * from {{ ref('int_value__hold_out') }}
),

factors as (
    select * from {{ ref('int_value__interval_factors') }}
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

measures as (
    select
        customer_id,
        value_segment,
        method,
        'purchases' as measure,
        predicted_purchases as predicted,
        actual_purchases as actual,
        cast(null as double) as covered,
        cast(null as double) as covered_by_model
    from covered

    union all

    select
        customer_id,
        value_segment,
        method,
        'amount' as measure,
        predicted_amount as predicted,
        actual_amount as actual,
        cast(null as double) as covered,
        cast(null as double) as covered_by_model
    from covered

    union all

    select
        customer_id,
        value_segment,
        method,
        'margin' as measure,
        predicted_margin as predicted,
        actual_margin as actual,
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

summed as (
    select
        value_segment,
        method,
        measure,
        count(*) as customer_count,
        sum(predicted) as predicted_total,
        sum(actual) as actual_total,
        avg(abs(predicted - actual)) as mean_absolute_error,
        sqrt(avg((predicted - actual) * (predicted - actual))) as root_mean_squared_error,
        case
            when max(predicted) - min(predicted) > 1e-9 * max(abs(predicted)) and max(actual) > min(actual)
                then covar_pop(predicted, actual) / nullif(stddev_pop(predicted) * stddev_pop(actual), 0)
        end as correlation,
        -- Those who are predicted the same share their ranks, so that the order of rows decides nothing.
        sum(actual * (customer_count + 1 - 2 * predicted_rank - (predicted_ties - 1))) as predicted_concentration,
        sum(actual * (customer_count + 1 - 2 * actual_rank - (actual_ties - 1))) as actual_concentration,
        avg(covered) as coverage,
        avg(covered_by_model) as coverage_by_model
    from ranked
    group by
        value_segment,
        method,
        measure
),

final as (
    select
        value_segment,
        method,
        method in ('repeat_last_period', 'own_rate', 'segment_mean') as is_baseline,
        measure,
        customer_count,
        predicted_total,
        actual_total,
        mean_absolute_error,
        root_mean_squared_error,
        (predicted_total - actual_total) / nullif(actual_total, 0) as bias,
        correlation,
        predicted_concentration / nullif(actual_concentration, 0) as normalised_gini,
        coverage,
        coverage_by_model
    from summed
)

select * from final

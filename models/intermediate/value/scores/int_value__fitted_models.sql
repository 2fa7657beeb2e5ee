with

fits as (
    {{ value_fits() }}
),

final as (
    select
        basis,
        segment as value_segment,
        asked_model,
        cast(point as integer) as point,
        model,
        {%- for name in ['r', 'alpha', 's', 'beta', 'a', 'b', 'p', 'q', 'v', 'rate', 'mean', 'retention'] %}
        cast({{ name }} as double) as {{ name }},
        {%- endfor %}
        parameters,
        standard_errors,
        cast(log_covariance as {{ dbt.type_string() }}) as log_covariance,
        cast(log_likelihood as double) as log_likelihood,
        cast(customer_count as bigint) as customer_count,
        cast(repeat_customer_count as bigint) as repeat_customer_count,
        cast(statistic_count as bigint) as statistic_count,
        cast(grain_days as integer) as grain_days,
        is_converged,
        bounded_parameters,
        cast(fallback_reason as {{ dbt.type_string() }}) as fallback_reason,
        cast(iteration_count as bigint) as iteration_count
    from fits
)

select * from final

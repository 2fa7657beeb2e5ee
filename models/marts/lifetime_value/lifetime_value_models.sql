with

fits as (
    select * from {{ ref('int_value__fitted_models') }}
    where point = 0
),

bases as (
    select * from {{ ref('int_value__bases') }}
),

final as (
    select
        bases.observed_until,
        fits.basis,
        fits.value_segment,
        fits.asked_model,
        fits.model,
        fits.parameters,
        fits.standard_errors,
        fits.log_likelihood,
        fits.customer_count,
        fits.repeat_customer_count,
        fits.statistic_count,
        fits.grain_days,
        fits.is_converged,
        fits.bounded_parameters,
        fits.fallback_reason,
        fits.iteration_count
    from fits
    inner join bases
        on fits.basis = bases.basis
)

select * from final

with

statistics as (
    select distinct
        basis,
        value_segment,
        purchase_count,
        recency,
        age
    from {{ ref('int_value__purchase_statistics') }}
),

fits as (
    select * from {{ ref('int_value__fitted_models') }}
    where
        asked_model in ('bg_nbd', 'pareto_nbd')
        -- What has changed since the last month is told without its uncertainty.
        and (point = 0 or basis <> 'previous')
),

asked as (
    select distinct
        basis,
        asked_model
    from fits
),

-- A segment that is too small for models of its own takes those of all customers.
placed as (
    select distinct
        statistics.basis,
        asked.asked_model,
        coalesce(own_fits.value_segment, 'all') as fitted_segment,
        statistics.purchase_count,
        statistics.recency,
        statistics.age
    from statistics
    inner join asked
        on statistics.basis = asked.basis
    left join fits as own_fits
        on statistics.basis = own_fits.basis
        and asked.asked_model = own_fits.asked_model
        and statistics.value_segment = own_fits.value_segment
        and own_fits.point = 0
),

final as (
    select
        placed.*,
        fits.point,
        fits.model,
        fits.r,
        fits.alpha,
        fits.s,
        fits.beta,
        fits.a,
        fits.b,
        fits.rate
    from placed
    inner join fits
        on placed.basis = fits.basis
        and placed.asked_model = fits.asked_model
        and placed.fitted_segment = fits.value_segment
)

select * from final

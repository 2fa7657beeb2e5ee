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

-- The uncertainty of the parameters changes little from day to day: it is scored on histories of whole weeks, of which there are few.
scored as (
    select
        placed.basis,
        placed.asked_model,
        placed.fitted_segment,
        placed.purchase_count,
        placed.recency,
        placed.age,
        cast(0 as integer) as point
    from placed

    union distinct

    select
        placed.basis,
        placed.asked_model,
        placed.fitted_segment,
        placed.purchase_count,
        cast(floor(placed.recency) as double) as recency,
        cast(floor(placed.age) as double) as age,
        fits.point
    from placed
    inner join fits
        on placed.basis = fits.basis
        and placed.asked_model = fits.asked_model
        and placed.fitted_segment = fits.value_segment
        and fits.point <> 0
),

final as (
    select
        scored.basis,
        scored.asked_model,
        scored.fitted_segment,
        scored.purchase_count,
        scored.recency,
        scored.age,
        scored.point,
        fits.model,
        fits.r,
        fits.alpha,
        fits.s,
        fits.beta,
        fits.a,
        fits.b,
        fits.rate
    from scored
    inner join fits
        on scored.basis = fits.basis
        and scored.asked_model = fits.asked_model
        and scored.fitted_segment = fits.value_segment
        and scored.point = fits.point
)

select * from final

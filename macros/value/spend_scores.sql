{#- Select of what a customer is expected to spend on a purchase, by basis, by the fit of Gamma-Gamma or the mean of the segment: spend_model, expected_spend,
    and the squares of the coefficients of variation that an interval needs, of one purchase (purchase_spread) and of the mean (mean_spread). -#}
{% macro spend_scores() -%}
    with

    statistics as (
        select * from {{ ref('int_value__purchase_statistics') }}
    ),

    fits as (
        select * from {{ ref('int_value__fitted_models') }}
        where asked_model = 'gamma_gamma'
    ),

    segment_amounts as (
        select
            basis,
            value_segment,
            avg(average_known_amount) as segment_amount
        from statistics
        group by
            basis,
            value_segment
    ),

    placed as (
        select
            statistics.customer_id,
            statistics.basis,
            statistics.purchase_count,
            statistics.average_amount,
            segment_amounts.segment_amount,
            coalesce(own_fits.value_segment, 'all') as fitted_segment
        from statistics
        inner join segment_amounts
            on statistics.basis = segment_amounts.basis
            and statistics.value_segment = segment_amounts.value_segment
        left join fits as own_fits
            on statistics.basis = own_fits.basis
            and statistics.value_segment = own_fits.value_segment
            and own_fits.point = 0
    ),

    scored as (
        select
            placed.customer_id,
            placed.basis,
            placed.purchase_count,
            placed.segment_amount,
            fits.point,
            fits.model,
            fits.p,
            fits.q,
            case
                when fits.model = 'gamma_gamma'
                    then {{ gamma_gamma_spend('placed.purchase_count', 'placed.average_amount', 'fits.p', 'fits.q', 'fits.v') }}
                else coalesce(fits.mean, placed.segment_amount)
            end as expected_spend
        from placed
        left join fits
            on placed.basis = fits.basis
            and placed.fitted_segment = fits.value_segment
    ),

    paired as (
        select
            customer_id,
            basis,
            abs(coalesce(point, 0)) as pair,
            max(model) as model,
            max(case when coalesce(point, 0) = 0 then p end) as p,
            max(case when coalesce(point, 0) = 0 then p * purchase_count + q end) as posterior_shape,
            max(case when coalesce(point, 0) = 0 then coalesce(expected_spend, segment_amount) end) as expected_spend,
            sum(case when point > 0 then expected_spend when point < 0 then -expected_spend else 0 end) / 2 as half_difference
        from scored
        group by
            customer_id,
            basis,
            abs(coalesce(point, 0))
    ),

    summed as (
        select
            customer_id,
            basis,
            max(model) as spend_model,
            max(p) as p,
            max(posterior_shape) as posterior_shape,
            round(max(expected_spend), 8) as expected_spend,
            sum(half_difference * half_difference) as parameter_variance
        from paired
        group by
            customer_id,
            basis
    ),

    -- Squares of coefficients of variation: of one purchase around the customer's mean, and of the mean around what is expected of it. The
    -- mean of a customer without a history has hardly a variance, so its shape is bounded.
    final as (
        select
            customer_id,
            basis,
            spend_model,
            expected_spend,
            coalesce(1 / nullif(p, 0), 1e0) as purchase_spread,
            coalesce(1 / greatest(posterior_shape - 2, 0.5e0), 1e0)
            + coalesce(parameter_variance / nullif(expected_spend * expected_spend, 0), 0e0) as mean_spread
        from summed
    )

    select * from final
{%- endmacro %}

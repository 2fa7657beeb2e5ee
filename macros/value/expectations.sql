{#- Select of what each model and each naive baseline expects: a row a customer that had bought, basis and method, with purchases by horizon, what a
    purchase amounts to, how sure both are, and the rate of margin. -#}
{% macro purchase_expectations() -%}
    with

    statistics as (
        select * from {{ ref('int_value__purchase_statistics') }}
    ),

    bases as (
        select
            basis,
            window_days
        from {{ ref('int_value__bases') }}
    ),

    history_scores as (
        select * from {{ ref('int_value__history_scores') }}
    ),

    fits as (
        select * from {{ ref('int_value__fitted_models') }}
        where point = 0
    ),

    spend_scores as (
        {{ spend_scores() }}
    ),

    rates as (
        select * from {{ ref('int_value__margin_rates') }}
    ),

    known as (
        select
            statistics.*,
            cast(bases.window_days as double) as window_days,
            avg(statistics.recent_purchase_count) over (partition by statistics.basis, statistics.value_segment) as segment_purchase_count,
            avg(statistics.recent_amount) over (partition by statistics.basis, statistics.value_segment) as segment_amount
        from statistics
        inner join bases
            on statistics.basis = bases.basis
    ),

    asked as (
        select distinct
            basis,
            asked_model
        from fits
        where asked_model in ('bg_nbd', 'pareto_nbd')
    ),

    by_models as (
        select
            known.*,
            asked.asked_model as method,
            fits.model,
            fits.fallback_reason,
            scores.probability_alive,
            fits.r + known.purchase_count as rate_shape,
            scores.expected_purchases_12m,
            scores.expected_purchases_24m,
            scores.expected_purchases_36m,
            scores.expected_purchases_window,
            scores.parameter_variance_36m,
            scores.parameter_variance_window,
            cast(null as double) as amount_a_purchase
        from known
        inner join asked
            on known.basis = asked.basis
        left join fits as own_fits
            on known.basis = own_fits.basis
            and asked.asked_model = own_fits.asked_model
            and known.value_segment = own_fits.value_segment
        inner join fits
            on known.basis = fits.basis
            and asked.asked_model = fits.asked_model
            and coalesce(own_fits.value_segment, 'all') = fits.value_segment
        inner join history_scores as scores
            on known.basis = scores.basis
            and asked.asked_model = scores.asked_model
            and fits.value_segment = scores.fitted_segment
            and known.purchase_count = scores.purchase_count
            and known.recency = scores.recency
            and known.age = scores.age
    ),

    -- Purchases in the length of the hold-out window, and their amount.
    naive as (
        select
            *,
            'repeat_last_period' as method,
            recent_purchase_count as naive_purchases,
            recent_amount / nullif(recent_purchase_count, 0) as amount_a_purchase
        from known

        union all

        select
            *,
            'own_rate' as method,
            coalesce(purchase_count / nullif(age, 0), 0e0) * window_days / 7 as naive_purchases,
            average_amount as amount_a_purchase
        from known

        union all

        select
            *,
            'segment_mean' as method,
            segment_purchase_count as naive_purchases,
            segment_amount / nullif(segment_purchase_count, 0) as amount_a_purchase
        from known
    ),

    by_baselines as (
        select
            *,
            naive_purchases * 365.25e0 / window_days as yearly_purchases
        from naive
    ),

    methods as (
        select
            customer_id,
            basis,
            value_segment,
            window_days,
            purchase_count,
            actual_purchase_count,
            actual_amount,
            method,
            model,
            fallback_reason,
            probability_alive,
            rate_shape,
            expected_purchases_12m,
            expected_purchases_24m,
            expected_purchases_36m,
            expected_purchases_window,
            parameter_variance_36m,
            parameter_variance_window,
            amount_a_purchase
        from by_models

        union all

        select
            customer_id,
            basis,
            value_segment,
            window_days,
            purchase_count,
            actual_purchase_count,
            actual_amount,
            method,
            method as model,
            cast(null as {{ dbt.type_string() }}) as fallback_reason,
            cast(null as double) as probability_alive,
            purchase_count + 1 as rate_shape,
            yearly_purchases as expected_purchases_12m,
            2 * yearly_purchases as expected_purchases_24m,
            3 * yearly_purchases as expected_purchases_36m,
            naive_purchases as expected_purchases_window,
            0e0 as parameter_variance_36m,
            0e0 as parameter_variance_window,
            coalesce(amount_a_purchase, 0e0) as amount_a_purchase
        from by_baselines
    ),

    final as (
        select
            methods.customer_id,
            methods.basis,
            methods.value_segment,
            methods.window_days,
            methods.actual_purchase_count,
            methods.actual_amount,
            methods.method,
            methods.model,
            methods.fallback_reason,
            methods.probability_alive,
            coalesce(methods.rate_shape, methods.purchase_count + 1) as rate_shape,
            methods.expected_purchases_12m,
            methods.expected_purchases_24m,
            methods.expected_purchases_36m,
            methods.expected_purchases_window,
            methods.parameter_variance_36m,
            methods.parameter_variance_window,
            spend_scores.spend_model,
            coalesce(methods.amount_a_purchase, spend_scores.expected_spend, 0e0) as expected_spend,
            spend_scores.purchase_spread,
            spend_scores.mean_spread,
            coalesce(rates.margin_rate, 0e0) as margin_rate
        from methods
        inner join spend_scores
            on methods.customer_id = spend_scores.customer_id
            and methods.basis = spend_scores.basis
        left join rates
            on methods.customer_id = rates.customer_id
            and methods.basis = rates.basis
    )

    select * from final
{%- endmacro %}

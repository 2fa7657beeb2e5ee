{%- set terms = 36 -%}

with

terms as (
    select * from {{ ref('int_value__contract_terms') }}
    where not is_lost
),

fits as (
    select * from {{ ref('int_value__fitted_models') }}
    where
        asked_model = 'shifted_beta_geometric'
        and point = 0
),

settings as (
    select {{ value_setting('yearly_discount_rate') }} as yearly_rate
),

bases as (
    select
        basis,
        coalesce({{ dbt.datediff('observed_until', 'predicted_until', 'day') }}, 365) as window_days
    from {{ ref('int_value__bases') }}
),

placed as (
    select
        terms.*,
        bases.window_days,
        settings.yearly_rate,
        fits.model,
        fits.a,
        fits.b + terms.due_count as b,
        terms.due_count + 1 as renewal,
        -- Without any fit, contracts are held for the terms that they have paid for.
        coalesce(fits.retention, 0e0) as retention
    from terms
    inner join bases
        on terms.basis = bases.basis
    cross join settings
    left join fits as own_fits
        on terms.basis = own_fits.basis
        and terms.term_segment = own_fits.value_segment
    left join fits
        on terms.basis = fits.basis
        and coalesce(own_fits.value_segment, 'all') = fits.value_segment
),

-- Every renewal that may come within 36 months, the chance that it is made, and when it is due.
renewals as (
    select
        placed.*,
        whole_numbers.number + 1 as number,
        placed.days_to_renewal + whole_numbers.number * placed.term_days as days_ahead,
        case
            when placed.model = 'shifted_beta_geometric'
                then {{ sbg_survival('(whole_numbers.number + 1e0)', 'placed.a', 'placed.b') }}
            else power(placed.retention, whole_numbers.number + 1e0)
        end as survival
    from placed
    cross join {{ whole_numbers(terms) }}
    where placed.days_to_renewal + whole_numbers.number * placed.term_days <= {{ terms * 30.4375 }}
),

contracts as (
    select
        customer_id,
        basis,
        subscription_id,
        max(coalesce(model, 'none')) as contract_model,
        cast(max(term_amount) as double) as term_amount,
        sum(case when days_ahead <= 365.25 then survival else 0e0 end) as renewals_12m,
        sum(survival) as renewals_36m,
        sum(survival * {{ discount_factor('days_ahead / 365e0', 'yearly_rate') }}) as discounted_renewals_36m,
        sum(case when days_ahead <= window_days then survival else 0e0 end) as renewals_window,
        sum((2 * number - 1) * survival) as renewals_squared_36m,
        sum(case when days_ahead <= window_days then (2 * number - 1) * survival else 0e0 end) as renewals_squared_window
    from renewals
    group by
        customer_id,
        basis,
        subscription_id
),

residual_contracts as (
    select
        subscription_id,
        basis,
        a,
        b - due_count as b,
        cast(renewal as double) as renewal,
        power(1 + yearly_rate, term_days / 365e0) - 1 as term_rate
    from placed
    where model = 'shifted_beta_geometric'
),

residual_lifetimes as (
    {{ sbg_residual_lifetime('residual_contracts', ['subscription_id', 'basis'], 'term_rate') }}
),

mean_retention as (
    select
        basis,
        cast(sum(due_count - case when is_lost then 1 else 0 end) as double) / nullif(sum(due_count), 0) as retention
    from {{ ref('int_value__contract_terms') }}
    group by basis
),

multiples as (
    select
        placed.subscription_id,
        placed.basis,
        {{ margin_multiple('mean_retention.retention', '(power(1 + placed.yearly_rate, placed.term_days / 365e0) - 1)') }} as margin_multiple
    from placed
    inner join mean_retention
        on placed.basis = mean_retention.basis
),

final as (
    select
        contracts.customer_id,
        contracts.basis,
        count(*) as contract_count,
        max(contracts.contract_model) as contract_model,
        round(sum(contracts.term_amount * contracts.renewals_12m), 8) as contract_amount_12m,
        round(sum(contracts.term_amount * contracts.renewals_36m), 8) as contract_amount_36m,
        round(sum(contracts.term_amount * contracts.discounted_renewals_36m), 8) as discounted_contract_amount_36m,
        round(sum(contracts.term_amount * contracts.renewals_window), 8) as contract_amount_window,
        round(sum(contracts.term_amount * residual_lifetimes.discounted_renewals), 8) as residual_contract_amount,
        round(sum(contracts.term_amount * multiples.margin_multiple), 8) as multiple_contract_amount,
        sum(
            contracts.term_amount * contracts.term_amount
            * greatest(contracts.renewals_squared_36m - contracts.renewals_36m * contracts.renewals_36m, 0e0)
        ) as contract_variance_36m,
        sum(
            contracts.term_amount * contracts.term_amount
            * greatest(contracts.renewals_squared_window - contracts.renewals_window * contracts.renewals_window, 0e0)
        ) as contract_variance_window
    from contracts
    left join residual_lifetimes
        on contracts.subscription_id = residual_lifetimes.subscription_id
        and contracts.basis = residual_lifetimes.basis
    left join multiples
        on contracts.subscription_id = multiples.subscription_id
        and contracts.basis = multiples.basis
    group by
        contracts.customer_id,
        contracts.basis
)

select * from final

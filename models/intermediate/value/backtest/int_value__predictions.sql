{%- set periods = {'36m': 3 * 365.25, 'window': 'window_days'} -%}

with

expectations as (
    {{ purchase_expectations() }}
),

contracts as (
    select * from {{ ref('int_value__contract_scores') }}
),

settings as (
    select
        {{ value_setting('yearly_discount_rate') }} as yearly_rate,
        {{ value_setting('interval_level') }} as interval_level
),

-- How fast customers leave: what the second year has less than the first. Without a probability of being alive they are.
prepared as (
    select
        expectations.*,
        settings.interval_level,
        coalesce(expectations.probability_alive, 1e0) as alive,
        coalesce(
            greatest(-ln(
                greatest(expectations.expected_purchases_24m - expectations.expected_purchases_12m, 1e-300)
                / nullif(expectations.expected_purchases_12m, 0)
            ), 0e0), 0e0
        ) as yearly_decay,
        expectations.expected_purchases_12m * {{ discount_factor('0.5e0', 'settings.yearly_rate') }}
        + (expectations.expected_purchases_24m - expectations.expected_purchases_12m) * {{ discount_factor('1.5e0', 'settings.yearly_rate') }}
        + (expectations.expected_purchases_36m - expectations.expected_purchases_24m) * {{ discount_factor('2.5e0', 'settings.yearly_rate') }}
            as discounted_purchases_36m
    from expectations
    cross join settings
),

-- Of those who are alive: purchases are Poisson, their rate, the time that they stay and the parameters are not known.
spread as (
    select
        {%- for period, days in periods.items() %}
        greatest(expected_purchases_{{ period }} / nullif(alive, 0), 1e-9) as purchases_{{ period }},
        1 / nullif(rate_shape, 0) + {{ stay_spread('(yearly_decay * ' ~ days ~ ' / 365.25e0)') }}
        + coalesce(parameter_variance_{{ period }} / nullif(expected_purchases_{{ period }} * expected_purchases_{{ period }}, 0), 0e0)
            as rate_spread_{{ period }},
        {%- endfor %}
        *
    from prepared
),

measured as (
    select
        {%- for period in periods %}
        alive * (1 - exp(-{{ log_of_one_plus('purchases_' ~ period ~ ' * rate_spread_' ~ period) }} / rate_spread_{{ period }})) as chance_{{ period }},
        (1 + purchase_spread) / purchases_{{ period }} + rate_spread_{{ period }} + mean_spread as amount_spread_{{ period }},
        {%- endfor %}
        *
    from spread
),

shaped as (
    select
        {%- for period in periods %}
        alive * purchases_{{ period }} * expected_spend / nullif(chance_{{ period }}, 0) as mean_{{ period }},
        1 / nullif(greatest(chance_{{ period }} * (1 + amount_spread_{{ period }}) / nullif(alive, 0) - 1, 1e-6), 0) as shape_{{ period }},
        alive * purchases_{{ period }} * expected_spend * sqrt(greatest((1 + amount_spread_{{ period }}) / nullif(alive, 0) - 1, 0e0))
            as deviation_{{ period }},
        {%- endfor %}
        *
    from measured
),

bounded as (
    select
        {%- for period in periods %}
        {%- for bound, level in {'low': '((1 - interval_level) / 2)', 'high': '((1 + interval_level) / 2)'}.items() %}
        coalesce(
            {{ lumped_gamma_quantile(level, 'chance_' ~ period, 'mean_' ~ period, 'shape_' ~ period) }}, 0e0
        ) as {{ bound }}_{{ period }},
        {%- endfor %}
        {%- endfor %}
        *
    from shaped
),

margins as (
    select
        bounded.*,
        coalesce(bounded.discounted_purchases_36m / nullif(bounded.expected_purchases_36m, 0), 1e0) as discount_36m,
        {{ normal_quantile('((1 + interval_level) / 2)') }} as normal_width,
        contracts.contract_model,
        coalesce(contracts.contract_count, 0) as contract_count,
        coalesce(contracts.contract_amount_12m, 0e0) as contract_amount_12m,
        coalesce(contracts.contract_amount_36m, 0e0) as contract_amount_36m,
        coalesce(contracts.discounted_contract_amount_36m, 0e0) as discounted_contract_amount_36m,
        coalesce(contracts.contract_amount_window, 0e0) as contract_amount_window,
        sqrt(coalesce(contracts.contract_variance_36m, 0e0)) as contract_deviation_36m,
        sqrt(coalesce(contracts.contract_variance_window, 0e0)) as contract_deviation_window
    from bounded
    left join contracts
        on bounded.customer_id = contracts.customer_id
        and bounded.basis = contracts.basis
),

final as (
    select
        customer_id,
        basis,
        value_segment,
        method,
        model,
        fallback_reason,
        spend_model,
        contract_model,
        contract_count,
        probability_alive,
        expected_purchases_12m,
        expected_purchases_36m,
        expected_purchases_window,
        discounted_purchases_36m,
        expected_spend,
        margin_rate,
        actual_purchase_count,
        actual_amount,
        contract_amount_12m,
        contract_amount_36m,
        discounted_contract_amount_36m,
        expected_purchases_window * expected_spend as expected_amount_window,
        margin_rate * (expected_purchases_12m * expected_spend + contract_amount_12m) as expected_margin_12m,
        margin_rate * (expected_purchases_36m * expected_spend + contract_amount_36m) as expected_margin_36m,
        margin_rate * (expected_purchases_window * expected_spend + contract_amount_window) as expected_margin_window,
        margin_rate * (discounted_purchases_36m * expected_spend + discounted_contract_amount_36m) as expected_value,
        margin_rate * (
            case when margin_rate < 0 then high_36m else low_36m end * discount_36m + discounted_contract_amount_36m
        ) - abs(margin_rate) * normal_width * contract_deviation_36m as low_value,
        margin_rate * (
            case when margin_rate < 0 then low_36m else high_36m end * discount_36m + discounted_contract_amount_36m
        ) + abs(margin_rate) * normal_width * contract_deviation_36m as high_value,
        margin_rate * (
            case when margin_rate < 0 then high_window else low_window end + contract_amount_window
        ) - abs(margin_rate) * normal_width * contract_deviation_window as low_window,
        margin_rate * (
            case when margin_rate < 0 then low_window else high_window end + contract_amount_window
        ) + abs(margin_rate) * normal_width * contract_deviation_window as high_window,
        abs(margin_rate) * (deviation_36m * discount_36m + contract_deviation_36m) as value_deviation,
        abs(margin_rate) * (deviation_window + contract_deviation_window) as window_deviation
    from margins
)

select * from final

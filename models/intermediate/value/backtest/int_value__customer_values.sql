with

customers as (
    select
        customer_id,
        coalesce(customer_kind, 'unknown') as value_segment
    from {{ ref('dim_customer') }}
    where not is_prospect
),

bases as (
    select basis
    from {{ ref('int_value__bases') }}
    where basis in ('full', 'previous')
),

backtest as (
    select * from {{ ref('int_value__backtest') }}
),

choice as (
    select distinct
        value_segment,
        chosen_method as method,
        is_baseline_chosen
    from backtest
),

-- What all customers together go by, for a segment that had none in the hold-out window.
general_choice as (
    select
        max(method) as method,
        max(case when is_baseline_chosen then 1 else 0 end) = 1 as is_baseline_chosen
    from choice
    where value_segment = 'all'
),

predictions as (
    select
        *,
        {{ interval_scale('value_deviation', ['basis', 'value_segment', 'method']) }} as scale
    from {{ ref('int_value__predictions') }}
),

factors as (
    select
        value_segment,
        method,
        low_factor,
        high_factor
    from backtest
    where measure = 'margin'
),

contracts as (
    select * from {{ ref('int_value__contract_scores') }}
),

rates as (
    select * from {{ ref('int_value__margin_rates') }}
),

settings as (
    select
        {{ value_setting('yearly_discount_rate') }} as yearly_rate,
        {{ normal_quantile('((1 + ' ~ value_setting('interval_level') ~ ') / 2)') }} as normal_width
),

-- Without a hold-out window to choose by, what was bought last goes on.
chosen as (
    select
        customers.customer_id,
        customers.value_segment,
        bases.basis,
        coalesce(own_choice.method, general_choice.method, 'repeat_last_period') as method,
        coalesce(own_choice.is_baseline_chosen, general_choice.is_baseline_chosen, true) as is_baseline_chosen
    from customers
    cross join bases
    left join choice as own_choice
        on customers.value_segment = own_choice.value_segment
    cross join general_choice
),

joined as (
    select
        chosen.customer_id,
        chosen.value_segment,
        chosen.basis,
        chosen.method,
        chosen.is_baseline_chosen,
        predictions.customer_id is not null as has_purchases,
        case
            when predictions.customer_id is not null then predictions.model
            else coalesce(contracts.contract_model, 'none')
        end as model,
        predictions.fallback_reason,
        predictions.spend_model,
        contracts.contract_model,
        coalesce(contracts.contract_count, 0) as contract_count,
        predictions.probability_alive,
        coalesce(predictions.expected_purchases_12m, 0e0) as expected_purchases_12m,
        coalesce(predictions.expected_purchases_36m, 0e0) as expected_purchases_36m,
        coalesce(predictions.discounted_purchases_36m, 0e0) as discounted_purchases,
        predictions.expected_spend,
        coalesce(rates.margin_rate, 0e0) as margin_rate,
        rates.own_margin_rate,
        rates.segment_margin_rate,
        coalesce(contracts.contract_amount_12m, 0e0) as contract_amount_12m,
        coalesce(contracts.contract_amount_36m, 0e0) as contract_amount_36m,
        coalesce(contracts.discounted_contract_amount_36m, 0e0) as contract_amount,
        coalesce(contracts.residual_contract_amount, 0e0) as residual_contract_amount,
        coalesce(contracts.multiple_contract_amount, 0e0) as multiple_contract_amount,
        sqrt(coalesce(contracts.contract_variance_36m, 0e0)) as contract_deviation,
        predictions.expected_value,
        predictions.low_value,
        predictions.high_value,
        coalesce(predictions.scale, 0e0) as scale,
        coalesce(factors.low_factor, 0e0) as low_factor,
        coalesce(factors.high_factor, 0e0) as high_factor,
        settings.normal_width,
        settings.yearly_rate
    from chosen
    cross join settings
    left join predictions
        on chosen.customer_id = predictions.customer_id
        and chosen.basis = predictions.basis
        and chosen.method = predictions.method
    left join contracts
        on chosen.customer_id = contracts.customer_id
        and chosen.basis = contracts.basis
    left join rates
        on chosen.customer_id = rates.customer_id
        and chosen.basis = rates.basis
    left join factors
        on chosen.value_segment = factors.value_segment
        and chosen.method = factors.method
),

-- A customer of contracts alone has what they are expected to bring.
valued as (
    select
        *,
        margin_rate * (discounted_purchases * coalesce(expected_spend, 0e0) + contract_amount) as present_value,
        coalesce(low_value, margin_rate * contract_amount - abs(margin_rate) * normal_width * contract_deviation) as model_low,
        coalesce(high_value, margin_rate * contract_amount + abs(margin_rate) * normal_width * contract_deviation) as model_high
    from joined
),

final as (
    select
        *,
        margin_rate * (expected_purchases_12m * coalesce(expected_spend, 0e0) + contract_amount_12m) as expected_margin_12m,
        margin_rate * (expected_purchases_36m * coalesce(expected_spend, 0e0) + contract_amount_36m) as expected_margin_36m,
        {{ moved_bound('low', 'model_low', 'present_value', 'scale', 'low_factor') }} as low,
        {{ moved_bound('high', 'model_high', 'present_value', 'scale', 'high_factor') }} as high
    from valued
)

select * from final

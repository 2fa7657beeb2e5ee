{#- Driver, and the value without and with its change; contracts come last. -#}
{%- set steps = [
    ('survival', 'value_before', 'value_with_survival'),
    ('purchases', 'value_with_survival', 'value_with_purchases'),
    ('spend', 'value_with_purchases', 'value_with_spend'),
    ('margin_rate', 'value_with_spend', 'value_with_margin_rate'),
] -%}

with

customers as (
    select
        customer_id,
        coalesce(customer_kind, 'unknown') as value_segment,
        is_unattributed
    from {{ ref('dim_customer') }}
    where not is_prospect
),

calendar as (
    select as_of
    from {{ ref('int_calendar__as_of') }}
    -- Without any order there is no day on which something was worth something, whatever contracts say.
    where as_of is not null
),

-- As expected now, and a month ago.
bases as (
    select basis
    from {{ ref('int_value__bases') }}
    where basis in ('full', 'previous')
),

backtest as (
    select * from {{ ref('int_value__backtest') }}
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

cash_flows as (
    select
        customer_id,
        happened_on,
        cash_flow_kind,
        amount
    from {{ ref('fct_cash_flows') }}
    where is_in_waterfall
),

-- Cash flows of the waterfall up to the as-of date, at their value on that day.
historic as (
    {{ historic_values('cash_flows', 'calendar', 'settings') }}
),

stamps as (
    select
        customer_id,
        segment_id
    from {{ ref('int_segments__stamps') }}
    where is_current
),

acquisition as (
    select
        customer_id,
        acquisition_cost_amount
    from {{ ref('fct_acquisition_costs') }}
    where customer_id <> {{ unattributed_customer() }}
),

chosen as (
    {{ chosen_methods('customers', 'bases', 'backtest') }}
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

expected as (
    select
        *,
        margin_rate * (expected_purchases_12m * coalesce(expected_spend, 0e0) + contract_amount_12m) as expected_margin_12m,
        margin_rate * (expected_purchases_36m * coalesce(expected_spend, 0e0) + contract_amount_36m) as expected_margin_36m,
        {{ moved_bound('low', 'model_low', 'present_value', 'scale', 'low_factor') }} as low,
        {{ moved_bound('high', 'model_high', 'present_value', 'scale', 'high_factor') }} as high
    from valued
),

previous as (
    select * from expected
    where basis = 'previous'
),

known_before as (
    select distinct customer_id
    from rates
    where basis = 'previous'
),

-- One driver after the other takes its value of today, in this order: who is still a customer, how much they buy, what they spend,
-- what is left of it, contracts.
stepped as (
    select
        expected.*,
        known_before.customer_id is not null as was_known,
        previous.present_value as value_before,
        previous.margin_rate * (
            previous.discounted_purchases * coalesce(expected.probability_alive / nullif(previous.probability_alive, 0), 1e0)
            * coalesce(previous.expected_spend, 0e0) + previous.contract_amount
        ) as value_with_survival,
        previous.margin_rate * (
            expected.discounted_purchases * coalesce(previous.expected_spend, 0e0) + previous.contract_amount
        ) as value_with_purchases,
        previous.margin_rate * (
            expected.discounted_purchases * coalesce(expected.expected_spend, 0e0) + previous.contract_amount
        ) as value_with_spend,
        expected.margin_rate * (
            expected.discounted_purchases * coalesce(expected.expected_spend, 0e0) + previous.contract_amount
        ) as value_with_margin_rate
    from expected
    left join previous
        on expected.customer_id = previous.customer_id
    left join known_before
        on expected.customer_id = known_before.customer_id
    where expected.basis = 'full'
),

final as (
    select
        customers.customer_id,
        calendar.as_of,
        customers.is_unattributed,
        {{ stamped_segment('customers.is_unattributed', 'stamps.segment_id') }} as segment_id,
        stepped.value_segment,
        cast(coalesce(historic.historic_value_amount, 0) as {{ money_total() }}) as historic_value_amount,
        cast(coalesce(historic.historic_cash_flow_amount, 0) as {{ money_total() }}) as historic_cash_flow_amount,
        {{ rounded_to_cents('stepped.present_value', money_total()) }} as expected_value_amount,
        cast(
            coalesce(historic.historic_value_amount, 0) + {{ rounded_to_cents('stepped.present_value', money_total()) }} as {{ money_total() }}
        ) as lifetime_value_amount,
        {{ rounded_to_cents('stepped.low', money_total()) }} as expected_low_amount,
        {{ rounded_to_cents('stepped.high', money_total()) }} as expected_high_amount,
        round(stepped.probability_alive, 8) as probability_alive,
        round(stepped.expected_purchases_12m, 8) as expected_purchases_12m,
        round(stepped.expected_purchases_36m, 8) as expected_purchases_36m,
        {{ rounded_to_cents('stepped.expected_spend', money_total()) }} as expected_spend_amount,
        {{ rounded_to_cents('stepped.expected_margin_12m', money_total()) }} as expected_margin_12m_amount,
        {{ rounded_to_cents('stepped.expected_margin_36m', money_total()) }} as expected_margin_36m_amount,
        round(stepped.margin_rate, 8) as margin_rate,
        round(stepped.own_margin_rate, 8) as own_margin_rate,
        round(stepped.segment_margin_rate, 8) as segment_margin_rate,
        stepped.contract_count > 0 as is_contractual,
        cast(stepped.contract_count as bigint) as contract_count,
        {{ rounded_to_cents('stepped.margin_rate * stepped.contract_amount', money_total()) }} as expected_contract_value_amount,
        {{ rounded_to_cents('stepped.margin_rate * stepped.residual_contract_amount', money_total()) }} as residual_contract_value_amount,
        {{ rounded_to_cents('stepped.margin_rate * stepped.multiple_contract_amount', money_total()) }} as margin_multiple_value_amount,
        stepped.model,
        stepped.spend_model,
        stepped.contract_model,
        stepped.is_baseline_chosen,
        stepped.fallback_reason,
        'customer_margin' as margin_basis,
        36 as horizon_months,
        stepped.yearly_rate as yearly_discount_rate,
        round(stepped.low_factor, 6) as interval_low_factor,
        round(stepped.high_factor, 6) as interval_high_factor,
        cast(coalesce(historic.lead_fee_amount, 0) as {{ money_total() }}) as lead_fee_amount,
        acquisition.acquisition_cost_amount,
        -- Fees for leads are part of the cost of acquisition, and not of what pays it back.
        round(
            cast(
                coalesce(historic.historic_value_amount, 0) + {{ rounded_to_cents('stepped.present_value', money_total()) }}
                + coalesce(historic.lead_fee_amount, 0) as double
            ) / nullif(cast(acquisition.acquisition_cost_amount as double), 0), 6
        ) as ltv_to_cac,
        case when stepped.was_known then {{ rounded_to_cents('stepped.value_before', money_total()) }} end as previous_expected_value_amount,
        {%- for driver, value_without, value_with in steps %}
        case
            when stepped.was_known
                then cast(
                        {{ rounded_to_cents('stepped.' ~ value_with, money_total()) }}
                        - {{ rounded_to_cents('stepped.' ~ value_without, money_total()) }} as {{ money_total() }}
                    )
        end as change_by_{{ driver }}_amount,
        {%- endfor %}
        case
            when stepped.was_known
                then cast(
                        {{ rounded_to_cents('stepped.present_value', money_total()) }}
                        - {{ rounded_to_cents('stepped.value_with_margin_rate', money_total()) }} as {{ money_total() }}
                    )
        end as change_by_contracts_amount
    from customers
    cross join calendar
    inner join stepped
        on customers.customer_id = stepped.customer_id
    left join historic
        on customers.customer_id = historic.customer_id
    left join stamps
        on customers.customer_id = stamps.customer_id
    left join acquisition
        on customers.customer_id = acquisition.customer_id
)

select * from final

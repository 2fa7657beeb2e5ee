with

customers as (
    select
        customer_id,
        is_unattributed
    from {{ ref('dim_customer') }}
    where not is_prospect
),

calendar as (
    select as_of
    from {{ ref('int_calendar__as_of') }}
),

valued as (
    select * from {{ ref('int_value__customer_values') }}
    where basis = 'full'
),

previous as (
    select * from {{ ref('int_value__customer_values') }}
    where basis = 'previous'
),

known_before as (
    select distinct customer_id
    from {{ ref('int_value__margin_rates') }}
    where basis = 'previous'
),

settings as (
    select {{ value_setting('yearly_discount_rate') }} as yearly_rate
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

-- Rounded by the row, so that sums are exact in any order.
grown as (
    select
        cash_flows.customer_id,
        cash_flows.cash_flow_kind,
        cash_flows.amount,
        cast(
            cast(cash_flows.amount as double)
            * {{ discount_factor('-' ~ years_between('cash_flows.happened_on', 'calendar.as_of'), 'settings.yearly_rate') }} as decimal(28, 6)
        ) as value_amount
    from cash_flows
    cross join calendar
    cross join settings
    where cash_flows.happened_on <= calendar.as_of
),

-- Cash flows of the waterfall up to the as-of date, at their value on that day.
historic as (
    select
        customer_id,
        cast(round(sum(value_amount), 2) as decimal(18, 4)) as historic_value_amount,
        cast(sum(amount) as decimal(18, 4)) as historic_cash_flow_amount,
        cast(-sum(case when cash_flow_kind = 'lead_fees' then amount else 0 end) as decimal(18, 4)) as lead_fee_amount
    from grown
    group by customer_id
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

-- One driver after the other takes its value of today, in this order: who is still a customer, how much they buy, what they spend,
-- what is left of it, contracts.
stepped as (
    select
        valued.*,
        known_before.customer_id is not null as was_known,
        previous.present_value as value_before,
        previous.margin_rate * (
            previous.discounted_purchases * coalesce(valued.probability_alive / nullif(previous.probability_alive, 0), 1e0)
            * coalesce(previous.expected_spend, 0e0) + previous.contract_amount
        ) as value_with_survival,
        previous.margin_rate * (
            valued.discounted_purchases * coalesce(previous.expected_spend, 0e0) + previous.contract_amount
        ) as value_with_purchases,
        previous.margin_rate * (
            valued.discounted_purchases * coalesce(valued.expected_spend, 0e0) + previous.contract_amount
        ) as value_with_spend,
        valued.margin_rate * (
            valued.discounted_purchases * coalesce(valued.expected_spend, 0e0) + previous.contract_amount
        ) as value_with_margin_rate
    from valued
    left join previous
        on valued.customer_id = previous.customer_id
    left join known_before
        on valued.customer_id = known_before.customer_id
),

final as (
    select
        customers.customer_id,
        calendar.as_of,
        customers.is_unattributed,
        {{ stamped_segment('customers.is_unattributed', 'stamps.segment_id') }} as segment_id,
        stepped.value_segment,
        cast(coalesce(historic.historic_value_amount, 0) as decimal(18, 4)) as historic_value_amount,
        cast(coalesce(historic.historic_cash_flow_amount, 0) as decimal(18, 4)) as historic_cash_flow_amount,
        {{ rounded_to_cents('stepped.present_value') }} as expected_value_amount,
        cast(coalesce(historic.historic_value_amount, 0) + {{ rounded_to_cents('stepped.present_value') }} as decimal(18, 4)) as lifetime_value_amount,
        {{ rounded_to_cents('stepped.low') }} as expected_low_amount,
        {{ rounded_to_cents('stepped.high') }} as expected_high_amount,
        round(stepped.probability_alive, 8) as probability_alive,
        round(stepped.expected_purchases_12m, 8) as expected_purchases_12m,
        round(stepped.expected_purchases_36m, 8) as expected_purchases_36m,
        {{ rounded_to_cents('stepped.expected_spend') }} as expected_spend_amount,
        {{ rounded_to_cents('stepped.expected_margin_12m') }} as expected_margin_12m_amount,
        {{ rounded_to_cents('stepped.expected_margin_36m') }} as expected_margin_36m_amount,
        round(stepped.margin_rate, 8) as margin_rate,
        round(stepped.own_margin_rate, 8) as own_margin_rate,
        round(stepped.segment_margin_rate, 8) as segment_margin_rate,
        stepped.contract_count > 0 as is_contractual,
        cast(stepped.contract_count as bigint) as contract_count,
        {{ rounded_to_cents('stepped.margin_rate * stepped.contract_amount') }} as expected_contract_value_amount,
        {{ rounded_to_cents('stepped.margin_rate * stepped.residual_contract_amount') }} as residual_contract_value_amount,
        {{ rounded_to_cents('stepped.margin_rate * stepped.multiple_contract_amount') }} as margin_multiple_value_amount,
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
        cast(coalesce(historic.lead_fee_amount, 0) as decimal(18, 4)) as lead_fee_amount,
        acquisition.acquisition_cost_amount,
        -- Fees for leads are part of the cost of acquisition, and not of what pays it back.
        round(
            cast(
                coalesce(historic.historic_value_amount, 0) + {{ rounded_to_cents('stepped.present_value') }} + coalesce(historic.lead_fee_amount, 0) as double
            ) / nullif(cast(acquisition.acquisition_cost_amount as double), 0), 6
        ) as ltv_to_cac,
        case when stepped.was_known then {{ rounded_to_cents('stepped.value_before') }} end as previous_expected_value_amount,
        case
            when stepped.was_known
                then cast({{ rounded_to_cents('stepped.value_with_survival') }} - {{ rounded_to_cents('stepped.value_before') }} as decimal(18, 4))
        end as change_by_survival_amount,
        case
            when stepped.was_known
                then cast({{ rounded_to_cents('stepped.value_with_purchases') }} - {{ rounded_to_cents('stepped.value_with_survival') }} as decimal(18, 4))
        end as change_by_purchases_amount,
        case
            when stepped.was_known
                then cast({{ rounded_to_cents('stepped.value_with_spend') }} - {{ rounded_to_cents('stepped.value_with_purchases') }} as decimal(18, 4))
        end as change_by_spend_amount,
        case
            when stepped.was_known
                then cast({{ rounded_to_cents('stepped.value_with_margin_rate') }} - {{ rounded_to_cents('stepped.value_with_spend') }} as decimal(18, 4))
        end as change_by_margin_rate_amount,
        case
            when stepped.was_known
                then cast({{ rounded_to_cents('stepped.present_value') }} - {{ rounded_to_cents('stepped.value_with_margin_rate') }} as decimal(18, 4))
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

with

redemptions as (
    select * from {{ ref('int_marketing__promotion_redemptions') }}
),

exchange_rates as (
    select
        currency_code,
        calendar_date,
        exchange_rate
    from {{ ref('int_finance__daily_exchange_rates') }}
),

returns as (
    select
        order_id,
        order_line_id,
        product_id
    from {{ ref('fct_returns') }}
),

-- Claims for goods that came back: the same order line or, where one side names none, the same article of the order.
leaked as (
    select distinct redemptions.redemption_id
    from redemptions
    inner join returns
        on redemptions.order_id = returns.order_id
        and (
            redemptions.order_line_id = returns.order_line_id
            or (
                (redemptions.order_line_id is null or returns.order_line_id is null)
                and (
                    redemptions.product_id = returns.product_id
                    or {{ unknown_member() }} in (redemptions.product_id, returns.product_id)
                )
            )
        )
),

final as (
    select
        redemptions.redemption_id,
        redemptions.source_system,
        redemptions.promotion_kind,
        redemptions.customer_id,
        redemptions.customer_reference,
        redemptions.campaign_id,
        redemptions.product_id,
        redemptions.order_id,
        redemptions.order_line_id,
        redemptions.claimed_on,
        redemptions.paid_on,
        {{ month_of('redemptions.paid_on') }} as month,
        redemptions.currency_code,
        exchange_rates.exchange_rate,
        redemptions.original_amount,
        -- A claim that is not paid yet is no deduction yet.
        case
            when redemptions.paid_on is null then cast(0 as decimal(18, 4))
            else {{ to_reporting_currency('redemptions.original_amount', 'redemptions.currency_code', 'exchange_rates.exchange_rate') }}
        end as rebate_amount,
        redemptions.paid_on is not null as is_paid,
        redemptions.paid_on is null
        or {{ is_convertible('redemptions.currency_code', 'exchange_rates.exchange_rate') }} as has_exchange_rate,
        redemptions.paid_on is not null and leaked.redemption_id is not null as is_rebate_leakage
        {{- extension_columns(ref('int_marketing__promotion_redemptions'), alias='redemptions') }},
        redemptions.delivered_on
    from redemptions
    left join exchange_rates
        on redemptions.currency_code = exchange_rates.currency_code
        and redemptions.paid_on = exchange_rates.calendar_date
    left join leaked
        on redemptions.redemption_id = leaked.redemption_id
)

select * from final

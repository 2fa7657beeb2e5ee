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
        order_line_id
    from {{ ref('int_sales__returns') }}
),

returned_lines as (
    select distinct order_line_id
    from returns
    where order_line_id is not null
),

returned_orders as (
    select distinct order_id
    from returns
    where order_id is not null
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
        -- Paid on goods that came back: of the line claimed for where it is named, else of the order.
        redemptions.paid_on is not null
        and (
            returned_lines.order_line_id is not null
            or (redemptions.order_line_id is null and returned_orders.order_id is not null)
        ) as is_rebate_leakage
        {{- extension_columns(ref('int_marketing__promotion_redemptions'), alias='redemptions') }},
        redemptions.delivered_on
    from redemptions
    left join exchange_rates
        on redemptions.currency_code = exchange_rates.currency_code
        and redemptions.paid_on = exchange_rates.calendar_date
    left join returned_lines
        on redemptions.order_line_id = returned_lines.order_line_id
    left join returned_orders
        on redemptions.order_id = returned_orders.order_id
)

select * from final

with

claims as (
    select
        *,
        {{ counted_day('paid_on', 'delivered_on') }} as counted_on,
        {{ is_impossible_day('paid_on', 'delivered_on') }} as is_redated
    from {{ ref('stg_marketing__promotion_redemptions') }}
),

order_lines as (
    select
        source_system,
        order_line_id,
        order_id
    from {{ ref('stg_sales__order_lines') }}
),

orders as (
    select
        source_system,
        source_order_id,
        order_id,
        customer_id
    from {{ ref('int_sales__orders') }}
),

crosswalk as (
    select
        source_system,
        source_customer_id,
        customer_id
    from {{ ref('customer_crosswalk') }}
    where record_kind = 'customer'
),

campaign_keys as (
    select * from {{ ref('int_references__keys') }}
    where entity = 'campaign'
),

product_keys as (
    select * from {{ ref('int_references__keys') }}
    where entity = 'product'
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
    from {{ ref('int_sales__returns') }}
    where is_withdrawn is not true
),

redemptions as (
    select
        {{ conformed_key('claims.source_system', 'claims.redemption_id') }} as redemption_id,
        claims.source_system,
        claims.promotion_kind,
        coalesce({{ referred_id('campaign_keys') }}, {{ unknown_member() }}) as campaign_id,
        coalesce({{ referred_id('product_keys') }}, {{ unknown_member() }}) as product_id,
        orders.order_id,
        case
            when claims.order_line_id is not null
                then {{ conformed_key('claims.order_source_system', 'claims.order_line_id') }}
        end as order_line_id,
        coalesce(crosswalk.customer_id, orders.customer_id, {{ unattributed_customer() }}) as customer_id,
        {{ customer_reference_of('claims.customer_id', 'coalesce(crosswalk.customer_id, orders.customer_id)') }} as customer_reference,
        {{ counted_day('claims.claimed_on', 'claims.delivered_on') }} as claimed_on,
        claims.counted_on as paid_on,
        claims.is_redated,
        claims.amount as original_amount,
        claims.currency_code
        {{- extension_columns(ref('stg_marketing__promotion_redemptions'), alias='claims') }},
        claims.delivered_on
    from claims
    left join order_lines
        on claims.order_source_system = order_lines.source_system
        and claims.order_line_id = order_lines.order_line_id
    left join orders
        on claims.order_source_system = orders.source_system
        and coalesce(claims.order_id, order_lines.order_id) = orders.source_order_id
    left join crosswalk
        on claims.customer_source_system = crosswalk.source_system
        and claims.customer_id = crosswalk.source_customer_id
    {{ resolve_reference('campaign_keys', 'claims.campaign_id', 'claims.source_system') }}
    {{ resolve_reference('product_keys', 'claims.product_id', 'claims.source_system', 'claims.product_source_system') }}
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
        redemptions.paid_on is not null and leaked.redemption_id is not null as is_rebate_leakage,
        redemptions.is_redated
        {{- extension_columns(ref('stg_marketing__promotion_redemptions'), alias='redemptions') }},
        redemptions.delivered_on
    from redemptions
    left join exchange_rates
        on redemptions.currency_code = exchange_rates.currency_code
        and redemptions.paid_on = exchange_rates.calendar_date
    left join leaked
        on redemptions.redemption_id = leaked.redemption_id
)

select * from final

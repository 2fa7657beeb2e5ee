with

orders as (
    select
        *,
        {{ counted_day('ordered_on', 'delivered_on') }} as counted_on,
        {{ is_impossible_day('ordered_on', 'delivered_on') }} as is_redated
    from {{ ref('stg_sales__orders') }}
),

crosswalk as (
    select
        source_system,
        source_customer_id,
        customer_id
    from {{ ref('customer_crosswalk') }}
    where record_kind = 'customer'
),

exchange_rates as (
    select
        currency_code,
        calendar_date,
        exchange_rate
    from {{ ref('int_finance__daily_exchange_rates') }}
),

territory_keys as (
    select * from {{ ref('int_references__keys') }}
    where entity = 'territory'
),

sales_rep_keys as (
    select * from {{ ref('int_references__keys') }}
    where entity = 'sales_rep'
),

campaign_keys as (
    select * from {{ ref('int_references__keys') }}
    where entity = 'campaign'
),

final as (
    select
        {{ conformed_key('orders.source_system', 'orders.order_id') }} as order_id,
        orders.source_system,
        orders.order_id as source_order_id,
        coalesce(crosswalk.customer_id, {{ unattributed_customer() }}) as customer_id,
        {{ customer_reference_of('orders.customer_id', 'crosswalk.customer_id') }} as customer_reference,
        orders.counted_on as ordered_on,
        orders.is_redated,
        orders.channel as channel_id,
        coalesce({{ referred_id('territory_keys') }}, {{ unknown_member() }}) as territory_id,
        coalesce({{ referred_id('sales_rep_keys') }}, {{ unknown_member() }}) as sales_rep_id,
        coalesce({{ referred_id('campaign_keys') }}, {{ unknown_member() }}) as campaign_id,
        orders.currency_code,
        exchange_rates.exchange_rate,
        orders.commission_amount as commission_original_amount,
        orders.has_commission_amount,
        {{ to_reporting_currency('orders.commission_amount', 'orders.currency_code', 'exchange_rates.exchange_rate') }} as commission_amount,
        orders.has_special_packaging,
        case when orders.is_withdrawn then 'withdrawn' else orders.order_status end as order_status,
        orders.is_withdrawn,
        -- No sale: it is there for what refers to it.
        coalesce(orders.is_withdrawn, false) or coalesce(orders.order_status = 'cancelled', false) as is_void
        {{- extension_columns(ref('stg_sales__orders'), alias='orders') }},
        orders.delivered_on
    from orders
    left join crosswalk
        on orders.customer_source_system = crosswalk.source_system
        and orders.customer_id = crosswalk.source_customer_id
    left join exchange_rates
        on orders.currency_code = exchange_rates.currency_code
        and orders.counted_on = exchange_rates.calendar_date
    {{ resolve_reference('territory_keys', 'orders.territory_id', 'orders.source_system') }}
    {{ resolve_reference('sales_rep_keys', 'orders.sales_rep_id', 'orders.source_system') }}
    {{ resolve_reference('campaign_keys', 'orders.campaign_id', 'orders.source_system') }}
)

select * from final

{%- set of_order = {
    'source_system': 'source_system', 'channel_id': 'channel_id', 'customer_id': 'customer_id', 'order_id': 'order_id',
    'has_special_packaging': 'coalesce(has_special_packaging, false)', 'is_new_customer': 'is_first', 'is_foreign_order': 'is_foreign',
} -%}
{%- set of_line = dict(of_order, month='month', product_id='product_id') -%}
{%- set of_lead = {'source_system': 'source_system', 'lead_id': 'lead_id', 'campaign_id': 'campaign_id', 'media_source': 'media_source'} -%}
{%- set of_customer = {'source_system': 'source_system', 'customer_id': 'customer_id'} -%}
{#- Where the events come from, under which condition, and what is known of each. Money spent on media names nobody whom it is to win. -#}
{%- set sources = [
    ('orders', 'is_void is not true', dict(of_order, month=month_of('ordered_on'), driver="'orders'")),
    ('lines_of_orders', none, dict(of_line, driver="'order_lines'")),
    ('lines_of_orders', 'quantity > 0', dict(of_line, driver="'units'", quantity='quantity')),
    ('lines_of_orders', 'net_sales_amount > 0', dict(of_line, driver="'sales_amount'", quantity='net_sales_amount')),
    ('returns', none, dict(
        of_customer, month='month', driver="'returns'", channel_id='channel_id', order_id='order_id', product_id='product_id'
    )),
    ('shipments_of_orders', none, dict(
        of_customer, month=month_of('counted_on'), driver="'shipments'", channel_id='channel_id', order_id='order_id',
        has_special_packaging='has_special_packaging', is_air_freight="coalesce(ship_mode = 'air', false)",
        is_new_customer='coalesce(is_first, false)', is_foreign_order='coalesce(is_foreign, false)'
    )),
    ('redemptions', none, dict(
        of_customer, month=month_of('counted_on'), driver="'rebate_claims'", order_id='order_id', product_id='product_id'
    )),
    ('active_channels', none, {
        'month': 'month', 'driver': "'active_channel_months'", 'channel_id': 'channel_id', 'customer_id': 'customer_id'
    }),
    ('active_months', none, {'month': 'month', 'driver': "'active_months'", 'customer_id': 'customer_id'}),
    ('met', none, dict(
        of_lead, month='month', driver="case interaction_kind when 'call' then 'calls' else 'visits' end", order_id='order_id',
        customer_id='case when not is_prospect then customer_id end', measured_minutes='coalesce(duration_minutes, 0)',
        is_without_sale='not has_sale'
    )),
    ('touches', none, dict(
        of_lead, month='month', driver="case touch_kind when 'mail' then 'mailings' else 'e_mails' end",
        customer_id='case when not is_to_lead then customer_id end'
    )),
    ('leads', none, dict(of_lead, month=month_of('came_on'), driver="'leads'")),
    ('media_spend', none, {
        'month': 'month', 'driver': "'media_spend'", 'source_system': 'source_system', 'campaign_id': 'campaign_id',
        'media_source': 'media_source', 'quantity': 'media_spend_amount'
    }),
    ('resolved', none, dict(
        of_customer, month=month_of('counted_on'), driver='driver', channel_id='channel_id', order_id='order_id', product_id='product_id',
        measured_minutes='coalesce(handling_minutes, 0)'
    )),
    ('resolved', 'parts_reporting_amount > 0', dict(
        of_customer, month=month_of('counted_on'), driver="'warranty_parts'", product_id='product_id', quantity='parts_reporting_amount'
    )),
    ('payments', none, dict(
        of_customer, month='month', driver="'payments'", order_id='order_id', is_by_invoice="coalesce(payment_method = 'invoice', false)"
    )),
] -%}

with

orders as (
    select
        order_id,
        source_order_id,
        source_system,
        channel_id,
        customer_id,
        ordered_on,
        has_special_packaging,
        is_void,
        -- The day of the first order tells a new customer; nobody knows it of an unattributed order.
        ordered_on = min(case when is_void is not true then ordered_on end) over (partition by customer_id)
        and customer_id <> {{ unattributed_customer() }} as is_first,
        currency_code <> {{ reporting_currency() }} as is_foreign
    from {{ ref('int_sales__orders') }}
),

order_lines as (
    select * from {{ ref('fct_order_lines') }}
    where order_id is not null
),

returns as (
    select * from {{ ref('fct_returns') }}
),

shipments as (
    select
        *,
        coalesce(shipped_on, delivered_on) as counted_on
    from {{ ref('int_sales__freight') }}
),

redemptions as (
    select
        *,
        coalesce(claimed_on, paid_on, delivered_on) as counted_on
    from {{ ref('fct_promotion_redemptions') }}
),

lines_of_orders as (
    select
        order_lines.*,
        orders.has_special_packaging,
        orders.is_first,
        orders.is_foreign
    from order_lines
    inner join orders
        on order_lines.order_id = orders.order_id
),

shipments_of_orders as (
    select
        shipments.*,
        coalesce(orders.has_special_packaging, false) and shipments.direction = 'outbound' as has_special_packaging,
        orders.channel_id,
        orders.is_first,
        orders.is_foreign
    from shipments
    left join orders
        on shipments.order_id = orders.order_id
),

active_channels as (
    select distinct
        customer_id,
        channel_id,
        {{ month_of('ordered_on') }} as month
    from orders
    where customer_id <> {{ unattributed_customer() }} and is_void is not true
),

interactions as (
    select * from {{ ref('fct_interactions') }}
    where interaction_kind in ('call', 'visit', 'demo')
),

touches as (
    select * from {{ ref('fct_touches') }}
    where touch_kind in ('mail', 'email')
),

leads as (
    select * from {{ ref('int_marketing__leads') }}
),

media_spend as (
    select * from {{ ref('fct_media_spend') }}
    where media_spend_amount > 0
),

met as (
    select
        interactions.*,
        leads.campaign_id,
        leads.media_source
    from interactions
    left join leads
        on interactions.lead_id = leads.lead_id
),

tickets as (
    select * from {{ ref('stg_service__tickets') }}
),

claims as (
    select * from {{ ref('stg_service__warranty_claims') }}
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

payments as (
    select * from {{ ref('fct_payments') }}
),

product_keys as (
    select * from {{ ref('int_references__keys') }}
    where entity = 'product'
),

asked as (
    select
        'tickets' as driver,
        source_system,
        channel as channel_id,
        customer_source_system,
        customer_id as source_customer_id,
        product_source_system,
        product_id as product_number,
        {{ counted_day('opened_on', 'delivered_on') }} as counted_on,
        order_source_system,
        order_id as source_order_id,
        handling_minutes,
        cast(0 as decimal(18, 4)) as parts_amount,
        cast(null as {{ dbt.type_string() }}) as currency_code
    from tickets

    union all

    select
        'warranty_claims' as driver,
        source_system,
        cast(null as {{ dbt.type_string() }}) as channel_id,
        customer_source_system,
        customer_id as source_customer_id,
        product_source_system,
        product_id as product_number,
        {{ counted_day('claimed_on', 'delivered_on') }} as counted_on,
        cast(null as {{ dbt.type_string() }}) as order_source_system,
        cast(null as {{ dbt.type_string() }}) as source_order_id,
        handling_minutes,
        -- A claim that is refused costs time, but no parts of ours.
        case when is_accepted then parts_amount else 0 end as parts_amount,
        currency_code
    from claims
),

resolved as (
    select
        asked.*,
        coalesce(crosswalk.customer_id, orders.customer_id, {{ unattributed_customer() }}) as customer_id,
        orders.order_id,
        {{ referred_id('product_keys') }} as product_id,
        {{ to_reporting_currency('asked.parts_amount', 'asked.currency_code', 'exchange_rates.exchange_rate') }} as parts_reporting_amount
    from asked
    left join crosswalk
        on asked.customer_source_system = crosswalk.source_system
        and asked.source_customer_id = crosswalk.source_customer_id
    left join orders
        on asked.order_source_system = orders.source_system
        and asked.source_order_id = orders.source_order_id
    {{ resolve_reference('product_keys', 'asked.product_number', 'asked.source_system', 'asked.product_source_system') }}
    left join exchange_rates
        on asked.currency_code = exchange_rates.currency_code
        and asked.counted_on = exchange_rates.calendar_date
),

active_months as (
    select distinct
        customer_id,
        month
    from active_channels
),

final as (
    {%- for source, condition, values in sources %}
    select
        {{- driver_event(values) }}
    from {{ source }}
    {%- if condition %}
    where {{ condition }}
    {%- endif %}
    {{- '

    union all
' if not loop.last }}
    {%- endfor %}
)

select * from final

{%- set is_in_other_currency = 'with_order_line.seller_commission_amount is not null and with_order_line.currency_code <> orders.currency_code' -%}
{%- set order_rate = 'case when orders.currency_code = ' ~ reporting_currency() ~ ' then 1e0 else cast(order_rates.exchange_rate as double) end' -%}
{%- set refund_rate = 'case when with_order_line.currency_code = ' ~ reporting_currency() ~ ' then 1e0 else cast(refund_rates.exchange_rate as double) end' -%}

with

returns as (
    select
        *,
        {{ counted_day('returned_on', 'delivered_on') }} as counted_on,
        {{ is_impossible_day('returned_on', 'delivered_on') }} as is_redated
    from {{ ref('stg_sales__returns') }}
),

order_lines as (
    select
        source_system,
        order_line_id,
        order_id,
        product_id,
        product_source_system,
        unit_cost_amount,
        cost_currency_code,
        seller_commission_amount,
        quantity,
        unit_list_price,
        discount_amount,
        is_withdrawn
    from {{ ref('stg_sales__order_lines') }}
),

orders as (
    select
        source_system,
        source_order_id,
        order_id,
        customer_id,
        ordered_on,
        currency_code,
        order_status,
        is_void
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

named_articles as (
    select distinct
        order_source_system,
        order_id,
        product_id
    from returns
    where order_line_id is null and order_id is not null and product_id is not null
),

-- A return that names its order and its article was sold on that line, where the order has one alone.
only_lines as (
    select
        named_articles.order_source_system,
        named_articles.order_id,
        named_articles.product_id,
        min(order_lines.order_line_id) as order_line_id
    from named_articles
    inner join order_lines
        on named_articles.order_source_system = order_lines.source_system
        and named_articles.order_id = order_lines.order_id
        and named_articles.product_id = order_lines.product_id
    where order_lines.is_withdrawn is not true
    group by
        named_articles.order_source_system,
        named_articles.order_id,
        named_articles.product_id
    having count(*) = 1
),

with_order_line as (
    select
        returns.*,
        case when returns.order_line_id is not null then order_lines.order_line_id end as known_order_line_id,
        order_lines.unit_cost_amount,
        order_lines.cost_currency_code,
        order_lines.seller_commission_amount,
        case
            when order_lines.seller_commission_amount is not null
                then {{ exact_amount('order_lines.quantity', 'order_lines.unit_list_price') }} - order_lines.discount_amount
        end as sold_amount,
        coalesce(order_lines.is_withdrawn, false) as is_line_withdrawn,
        coalesce(order_lines.order_id, returns.order_id) as known_order_id,
        -- A return that names its order line but no article is of that line's article.
        coalesce(returns.product_id, order_lines.product_id) as returned_product_id,
        case when returns.product_id is not null then returns.source_system else order_lines.source_system end as product_own_system,
        case
            when returns.product_id is not null then returns.product_source_system
            else order_lines.product_source_system
        end as product_named_system
    from returns
    left join only_lines
        on returns.order_source_system = only_lines.order_source_system
        and returns.order_id = only_lines.order_id
        and case when returns.order_line_id is null then returns.product_id end = only_lines.product_id
    left join order_lines
        on returns.order_source_system = order_lines.source_system
        and coalesce(returns.order_line_id, only_lines.order_line_id) = order_lines.order_line_id
),

final as (
    select
        {{ conformed_key('with_order_line.source_system', 'with_order_line.return_id') }} as return_id,
        with_order_line.source_system,
        with_order_line.return_id as source_return_id,
        orders.order_id,
        -- It names an order, or a line of one, that nobody delivers.
        orders.order_id is null and coalesce(with_order_line.order_id, with_order_line.order_line_id) is not null as is_order_missing,
        case
            when with_order_line.known_order_line_id is not null
                then {{ conformed_key('with_order_line.order_source_system', 'with_order_line.known_order_line_id') }}
        end as order_line_id,
        -- Whoever brought the goods back; where that is not said or not known, whoever ordered them.
        coalesce(crosswalk.customer_id, orders.customer_id, {{ unattributed_customer() }}) as customer_id,
        {{ customer_reference_of('with_order_line.customer_id', 'coalesce(crosswalk.customer_id, orders.customer_id)') }} as customer_reference,
        coalesce({{ referred_id('product_keys') }}, {{ unknown_member() }}) as product_id,
        with_order_line.channel as channel_id,
        with_order_line.counted_on as returned_on,
        with_order_line.is_redated,
        coalesce(orders.ordered_on, with_order_line.counted_on) as cost_on,
        with_order_line.quantity,
        with_order_line.refund_amount as refund_original_amount,
        -- Of goods that were sold for somebody else the company gives back what it kept of them: in proportion to the price, in the refund's own
        -- currency, and never more than all of it, at the rates of the day of the return.
        case
            when with_order_line.seller_commission_amount is null then null
            when {{ is_in_other_currency }}
                then {{ rounded_to_cents(
                    'coalesce(least(cast(with_order_line.seller_commission_amount as double) * cast(with_order_line.refund_amount as double)'
                    ~ ' / nullif(cast(with_order_line.sold_amount as double), 0),'
                    ~ ' cast(with_order_line.seller_commission_amount as double) * ' ~ order_rate ~ ' / nullif(' ~ refund_rate ~ ', 0)), 0)'
                ) }}
            when with_order_line.refund_amount >= with_order_line.sold_amount then with_order_line.seller_commission_amount
            else {{ rounded_to_cents(
                'cast(with_order_line.seller_commission_amount as double) * cast(with_order_line.refund_amount as double)'
                ~ ' / nullif(cast(with_order_line.sold_amount as double), 0)'
            ) }}
        end as company_refund_original_amount,
        with_order_line.currency_code,
        with_order_line.is_resaleable,
        -- Goods whose cost was never counted give none back: somebody else's, and those of an order that is no sale.
        with_order_line.seller_commission_amount is not null
        or with_order_line.is_line_withdrawn
        or coalesce(orders.is_void, false) as is_without_cost,
        with_order_line.unit_cost_amount as actual_unit_cost_amount,
        case when with_order_line.unit_cost_amount is not null then coalesce(with_order_line.cost_currency_code, orders.currency_code) end
            as actual_cost_currency_code,
        with_order_line.reason,
        orders.order_status,
        with_order_line.is_withdrawn
        {{- extension_columns(ref('stg_sales__returns'), alias='with_order_line') }},
        with_order_line.delivered_on
    from with_order_line
    left join orders
        on with_order_line.order_source_system = orders.source_system
        and with_order_line.known_order_id = orders.source_order_id
    left join exchange_rates as order_rates
        on case when {{ is_in_other_currency }} then orders.currency_code end = order_rates.currency_code
        and with_order_line.counted_on = order_rates.calendar_date
    left join exchange_rates as refund_rates
        on case when {{ is_in_other_currency }} then with_order_line.currency_code end = refund_rates.currency_code
        and with_order_line.counted_on = refund_rates.calendar_date
    left join crosswalk
        on with_order_line.customer_source_system = crosswalk.source_system
        and with_order_line.customer_id = crosswalk.source_customer_id
    {{ resolve_reference(
        'product_keys', 'with_order_line.returned_product_id', 'with_order_line.product_own_system', 'with_order_line.product_named_system'
    ) }}
)

select * from final

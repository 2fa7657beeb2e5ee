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
        product_source_system
    from {{ ref('stg_sales__order_lines') }}
),

orders as (
    select
        source_system,
        source_order_id,
        order_id,
        customer_id,
        ordered_on
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

with_order_line as (
    select
        returns.*,
        order_lines.order_line_id as known_order_line_id,
        coalesce(order_lines.order_id, returns.order_id) as known_order_id,
        -- A return that names its order line but no article is of that line's article.
        coalesce(returns.product_id, order_lines.product_id) as returned_product_id,
        case when returns.product_id is not null then returns.source_system else order_lines.source_system end as product_own_system,
        case
            when returns.product_id is not null then returns.product_source_system
            else order_lines.product_source_system
        end as product_named_system
    from returns
    left join order_lines
        on returns.order_source_system = order_lines.source_system
        and returns.order_line_id = order_lines.order_line_id
),

final as (
    select
        {{ conformed_key('with_order_line.source_system', 'with_order_line.return_id') }} as return_id,
        with_order_line.source_system,
        with_order_line.return_id as source_return_id,
        orders.order_id,
        -- It names an order, or a line of one, that nobody delivers or that was withdrawn.
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
        with_order_line.currency_code,
        with_order_line.is_resaleable,
        with_order_line.reason
        {{- extension_columns(ref('stg_sales__returns'), alias='with_order_line') }},
        with_order_line.delivered_on
    from with_order_line
    left join orders
        on with_order_line.order_source_system = orders.source_system
        and with_order_line.known_order_id = orders.source_order_id
    left join crosswalk
        on with_order_line.customer_source_system = crosswalk.source_system
        and with_order_line.customer_id = crosswalk.source_customer_id
    {{ resolve_reference(
        'product_keys', 'with_order_line.returned_product_id', 'with_order_line.product_own_system', 'with_order_line.product_named_system'
    ) }}
)

select * from final

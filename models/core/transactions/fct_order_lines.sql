with

order_lines as (
    select * from {{ ref('stg_sales__order_lines') }}
    where is_withdrawn is not true
),

orders as (
    select * from {{ ref('int_sales__orders') }}
    where is_withdrawn is not true
),

product_keys as (
    select * from {{ ref('int_references__keys') }}
    where entity = 'product'
),

unit_costs as (
    select * from {{ ref('int_finance__product_unit_costs') }}
),

exchange_rates as (
    select
        currency_code,
        calendar_date,
        exchange_rate
    from {{ ref('int_finance__daily_exchange_rates') }}
),

placed as (
    select
        order_lines.*,
        orders.order_id as known_order_id,
        coalesce(orders.customer_id, {{ unattributed_customer() }}) as customer_id,
        coalesce(orders.customer_reference, 'unnamed') as customer_reference,
        coalesce({{ referred_id('product_keys') }}, {{ unknown_member() }}) as conformed_product_id,
        -- Without its order a line has no date, so neither a cost nor a currency: it counts once the order is there.
        -- Goods that are sold for somebody else cost the company nothing.
        case when orders.order_id is not null and order_lines.seller_commission_amount is null then {{ referred_id('product_keys') }} end
            as costed_product_id,
        case when orders.order_id is not null and order_lines.seller_commission_amount is null then order_lines.unit_cost_amount end
            as actual_unit_cost_amount,
        coalesce(order_lines.cost_currency_code, orders.currency_code) as actual_cost_currency_code,
        coalesce(orders.channel_id, {{ unknown_member() }}) as channel_id,
        coalesce(orders.territory_id, {{ unknown_member() }}) as territory_id,
        coalesce(orders.sales_rep_id, {{ unknown_member() }}) as sales_rep_id,
        coalesce(orders.campaign_id, {{ unknown_member() }}) as campaign_id,
        -- A line that came before its order stands on its day of delivery until the order is there.
        coalesce(orders.ordered_on, order_lines.delivered_on) as ordered_on,
        orders.currency_code,
        orders.exchange_rate
        {{- extension_columns(ref('int_sales__orders'), alias='orders', without=ref('stg_sales__order_lines')) }},
        {{ exact_amount('order_lines.quantity', 'order_lines.unit_list_price') }} as list_amount
    from order_lines
    left join orders
        on order_lines.source_system = orders.source_system
        and order_lines.order_id = orders.source_order_id
    {{ resolve_reference('product_keys', 'order_lines.product_id', 'order_lines.source_system', 'order_lines.product_source_system') }}
    -- A cancelled order is no sale; what refers to it finds it in int_sales__orders.
    where orders.is_void is not true
),

priced as (
    select
        placed.*,
        -- Whoever sells for somebody else has sold a service: what it keeps is its sale, and the price is the seller's.
        coalesce(placed.seller_commission_amount, placed.list_amount) as gross_sales_original_amount,
        case when placed.seller_commission_amount is null then placed.discount_amount else 0 end as discount_original_amount,
        case when placed.seller_commission_amount is not null then cast(placed.list_amount - placed.discount_amount as decimal(18, 4)) end
            as seller_sales_original_amount,
        case
            when placed.seller_commission_amount is not null then 'seller'
            when placed.actual_unit_cost_amount is not null then 'actual'
            when unit_costs.unit_cost_amount is not null then 'standard'
            else 'none'
        end as cost_basis,
        coalesce(placed.actual_unit_cost_amount, unit_costs.unit_cost_amount) as unit_cost_original_amount,
        case when placed.actual_unit_cost_amount is not null then placed.actual_cost_currency_code else unit_costs.currency_code end
            as used_cost_currency_code,
        {{ exact_amount('placed.quantity', 'coalesce(placed.actual_unit_cost_amount, unit_costs.unit_cost_amount)') }}
            as cost_of_goods_original_amount,
        -- What the standard cost would have been, where another one is used.
        case when placed.actual_unit_cost_amount is not null then unit_costs.currency_code end as standard_currency_code,
        case when placed.actual_unit_cost_amount is not null then {{ exact_amount('placed.quantity', 'unit_costs.unit_cost_amount') }} end
            as standard_cost_original_amount
    from placed
    left join unit_costs
        on placed.costed_product_id = unit_costs.product_id
        and placed.ordered_on >= unit_costs.valid_from
        and placed.ordered_on < unit_costs.superseded_on
),

costed as (
    select
        priced.*,
        case
            when priced.cost_basis = 'seller' then cast(0 as decimal(18, 4))
            else {{ to_reporting_currency('priced.cost_of_goods_original_amount', 'priced.used_cost_currency_code', 'exchange_rates.exchange_rate') }}
        end as cost_of_goods_amount,
        {{ to_reporting_currency('priced.standard_cost_original_amount', 'priced.standard_currency_code', 'standard_rates.exchange_rate') }}
            as standard_cost_amount,
        {{ to_reporting_currency('priced.seller_sales_original_amount', 'priced.currency_code', 'priced.exchange_rate') }} as seller_sales_amount,
        {{ to_reporting_currency('priced.gross_sales_original_amount', 'priced.currency_code', 'priced.exchange_rate') }} as gross_sales_amount,
        {{ to_reporting_currency('priced.discount_original_amount', 'priced.currency_code', 'priced.exchange_rate') }} as discount_reporting_amount
    from priced
    left join exchange_rates
        on priced.used_cost_currency_code = exchange_rates.currency_code
        and priced.ordered_on = exchange_rates.calendar_date
    left join exchange_rates as standard_rates
        on priced.standard_currency_code = standard_rates.currency_code
        and priced.ordered_on = standard_rates.calendar_date
),

final as (
    select
        {{ conformed_key('source_system', 'order_line_id') }} as order_line_id,
        source_system,
        known_order_id as order_id,
        customer_id,
        customer_reference,
        conformed_product_id as product_id,
        channel_id,
        territory_id,
        sales_rep_id,
        campaign_id,
        promotion_id,
        ordered_on,
        {{ month_of('ordered_on') }} as month,
        cast(quantity as decimal(18, 4)) as quantity,
        currency_code,
        exchange_rate,
        gross_sales_original_amount,
        discount_original_amount,
        cast(gross_sales_original_amount - discount_original_amount as decimal(18, 4)) as net_sales_original_amount,
        tax_amount as tax_original_amount,
        gross_sales_amount,
        discount_reporting_amount as discount_amount,
        cast(gross_sales_amount - discount_reporting_amount as decimal(18, 4)) as net_sales_amount,
        unit_cost_original_amount,
        used_cost_currency_code as cost_currency_code,
        cost_basis,
        cost_of_goods_amount,
        cast(cost_of_goods_amount - standard_cost_amount as decimal(18, 4)) as standard_cost_variance_amount,
        seller_id,
        seller_sales_original_amount,
        seller_sales_amount,
        gross_sales_amount is not null as has_exchange_rate,
        cost_of_goods_amount is not null as has_cost
        {{- extension_columns(ref('stg_sales__order_lines')) }}
        {{- extension_columns(ref('int_sales__orders'), without=ref('stg_sales__order_lines')) }},
        delivered_on
    from costed
)

select * from final

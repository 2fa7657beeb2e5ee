with

redemptions as (
    select * from {{ ref('stg_marketing__promotion_redemptions') }}
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
    from {{ ref('int_identity__customer_records') }}
),

campaign_keys as (
    select * from {{ ref('int_references__keys') }}
    where entity = 'campaign'
),

product_keys as (
    select * from {{ ref('int_references__keys') }}
    where entity = 'product'
),

final as (
    select
        {{ conformed_key('redemptions.source_system', 'redemptions.redemption_id') }} as redemption_id,
        redemptions.source_system,
        redemptions.promotion_kind,
        coalesce({{ referred_id('campaign_keys') }}, {{ unknown_member() }}) as campaign_id,
        coalesce({{ referred_id('product_keys') }}, {{ unknown_member() }}) as product_id,
        orders.order_id,
        case
            when redemptions.order_line_id is not null
                then {{ conformed_key('redemptions.order_source_system', 'redemptions.order_line_id') }}
        end as order_line_id,
        coalesce(crosswalk.customer_id, orders.customer_id, {{ unattributed_customer() }}) as customer_id,
        {{ customer_reference_of('redemptions.customer_id', 'coalesce(crosswalk.customer_id, orders.customer_id)') }} as customer_reference,
        redemptions.claimed_on,
        redemptions.paid_on,
        redemptions.amount as original_amount,
        redemptions.currency_code
        {{- extension_columns(ref('stg_marketing__promotion_redemptions'), alias='redemptions') }},
        redemptions.delivered_on
    from redemptions
    left join order_lines
        on redemptions.order_source_system = order_lines.source_system
        and redemptions.order_line_id = order_lines.order_line_id
    left join orders
        on redemptions.order_source_system = orders.source_system
        and coalesce(redemptions.order_id, order_lines.order_id) = orders.source_order_id
    left join crosswalk
        on redemptions.customer_source_system = crosswalk.source_system
        and redemptions.customer_id = crosswalk.source_customer_id
    {{ resolve_reference('campaign_keys', 'redemptions.campaign_id', 'redemptions.source_system') }}
    {{ resolve_reference('product_keys', 'redemptions.product_id', 'redemptions.source_system', 'redemptions.product_source_system') }}
)

select * from final

with

final as (
    {{ feed_coverage('stg_sales__products', 'sales.products') }}

    union all

    {{ feed_coverage('stg_sales__orders', 'sales.orders', 'ordered_on') }}

    union all

    {{ feed_coverage('stg_sales__order_lines', 'sales.order_lines') }}

    union all

    {{ feed_coverage('stg_sales__returns', 'sales.returns', 'returned_on') }}

    union all

    {{ feed_coverage('stg_sales__shipments', 'sales.shipments', 'shipped_on') }}

    union all

    {{ feed_coverage('stg_sales__subscriptions', 'sales.subscriptions', 'started_on') }}
)

select * from final

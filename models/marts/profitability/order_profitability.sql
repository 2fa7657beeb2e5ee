with

order_lines as (
    select * from {{ ref('fct_order_lines') }}
),

returns as (
    select * from {{ ref('fct_returns') }}
),

redemptions as (
    select * from {{ ref('fct_promotion_redemptions') }}
    where is_paid
),

direct_selling_costs as (
    select * from {{ ref('fct_direct_selling_costs') }}
),

activity_costs as (
    select * from {{ ref('fct_activity_costs') }}
),

-- Who ordered, when and where; another customer may bear what followed.
orders as (
    select
        order_id,
        min(customer_id) as customer_id,
        min(channel_id) as channel_id,
        min(ordered_on) as ordered_on
    from order_lines
    where order_id is not null
    group by order_id
),

entries as (
    {{ waterfall_entry_rows() }}
),

summed as (
    select
        month,
        coalesce(order_id, {{ no_member() }}) as order_id,
        {{ waterfall_sums(['quantity', 'returned_quantity']) }}
    from entries
    group by
        month,
        coalesce(order_id, {{ no_member() }})
),

final as (
    select
        summed.month,
        summed.order_id,
        summed.order_id <> {{ no_member() }} as is_order,
        orders.customer_id,
        orders.channel_id,
        orders.ordered_on,
        cast(summed.quantity as decimal(18, 4)) as quantity,
        cast(summed.returned_quantity as decimal(18, 4)) as returned_quantity,
        {{- waterfall_amounts_and_margins('summed') }}
    from summed
    left join orders
        on summed.order_id = orders.order_id
)

select * from final

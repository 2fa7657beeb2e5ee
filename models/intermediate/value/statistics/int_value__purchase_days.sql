with

order_lines as (
    select
        customer_id,
        product_id,
        ordered_on,
        net_sales_amount
    from {{ ref('fct_order_lines') }}
    where
        customer_id <> {{ unattributed_customer() }}
        and order_id is not null
),

contracts as (
    select
        customer_id,
        product_id,
        min(started_on) as started_on
    from {{ ref('int_value__contracts') }}
    where product_id is not null
    group by
        customer_id,
        product_id
),

-- What a contract bills comes by its calendar; whether it comes again is the question of renewals.
purchases as (
    select order_lines.*
    from order_lines
    left join contracts
        on order_lines.customer_id = contracts.customer_id
        and order_lines.product_id = contracts.product_id
        and order_lines.ordered_on >= contracts.started_on
    where contracts.customer_id is null
),

final as (
    select
        customer_id,
        ordered_on as purchased_on,
        cast(sum(net_sales_amount) as decimal(18, 4)) as purchase_amount
    from purchases
    group by
        customer_id,
        ordered_on
)

select * from final

with

order_lines as (
    select
        order_id,
        customer_id,
        ordered_on,
        campaign_id
    from {{ ref('fct_order_lines') }}
    where order_id is not null
),

responses as (
    select
        customer_id,
        touch_id,
        campaign_id,
        touched_on,
        touched_at
    from {{ ref('fct_touches') }}
    where
        is_response
        and customer_id <> {{ unattributed_customer() }}
        and campaign_id <> {{ unknown_member() }}
),

orders as (
    select
        order_id,
        min(customer_id) as customer_id,
        min(ordered_on) as ordered_on,
        min(campaign_id) as campaign_id
    from order_lines
    group by order_id
),

uncoded as (
    select
        *,
        {{ dbt.dateadd('day', -1 * var('response_window_days') | int, 'ordered_on') }} as window_starts_on
    from orders
    where campaign_id = {{ unknown_member() }}
),

answered as (
    select
        uncoded.order_id,
        responses.touch_id,
        responses.campaign_id,
        row_number() over (
            partition by uncoded.order_id
            order by responses.touched_on desc, responses.touched_at desc, responses.touch_id desc
        ) as recency
    from uncoded
    inner join responses
        on uncoded.customer_id = responses.customer_id
        and uncoded.ordered_on >= responses.touched_on
        and uncoded.window_starts_on <= responses.touched_on
),

final as (
    select
        orders.order_id,
        orders.customer_id,
        orders.ordered_on,
        case
            when orders.campaign_id <> {{ unknown_member() }} then orders.campaign_id
            else coalesce(answered.campaign_id, {{ unknown_member() }})
        end as campaign_id,
        case
            when orders.campaign_id <> {{ unknown_member() }} then 'order'
            when answered.campaign_id is not null then 'response'
            else 'none'
        end as credited_by,
        answered.touch_id
    from orders
    left join answered
        on orders.order_id = answered.order_id
        and answered.recency = 1
)

select * from final

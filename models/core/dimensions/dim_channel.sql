with

orders as (
    select
        channel_id,
        -- An order that is no sale names a channel and does not use it.
        case when is_void is not true then ordered_on end as used_on,
        case when is_void is not true then 1 else 0 end as is_sale
    from {{ ref('int_sales__orders') }}
),

returns as (
    select
        channel_id,
        returned_on as used_on
    from {{ ref('int_sales__returns') }}
    where is_withdrawn is not true
),

used as (
    select
        channel_id,
        used_on,
        is_sale
    from orders

    union all

    select
        channel_id,
        used_on,
        0 as is_sale
    from returns

    union all

    select
        {{ unknown_member() }} as channel_id,
        cast(null as date) as used_on,
        0 as is_sale
),

final as (
    select
        channel_id,
        min(used_on) as first_used_on,
        max(used_on) as last_used_on,
        max(is_sale) = 1 as is_sales_channel
    from used
    group by channel_id
)

select * from final

with

first_orders as (
    select
        customer_id,
        first_order_month
    from {{ ref('int_marketing__first_orders') }}
),

paths as (
    select
        customer_id,
        touch_number,
        touch_count,
        media_source,
        campaign_id
    from {{ ref('int_marketing__customer_paths') }}
),

models as (
    select * from {{ ref('attribution_models') }}
),

-- With n touches the first weighs first_share, the last last_share, each in the middle middle_share ÷ (n − 2): all multiplied by
-- n − 2, so that they stay decimals. Of two touches, nobody stands in the middle.
weighted as (
    select
        paths.customer_id,
        models.attribution_model,
        paths.touch_number,
        paths.media_source,
        paths.campaign_id,
        -- A customer, in units of a millionth: allocate splits hundredths of them.
        cast(1000000 as decimal(18, 4)) as credit,
        cast(
            case
                when models.first_share is null or paths.touch_count = 1 then 1
                when paths.touch_count = 2 and paths.touch_number = 1 then models.first_share
                when paths.touch_count = 2 then models.last_share
                when paths.touch_number = 1 then models.first_share * (paths.touch_count - 2)
                when paths.touch_number = paths.touch_count then models.last_share * (paths.touch_count - 2)
                else models.middle_share
            end as decimal(18, 4)
        ) as weight
    from paths
    cross join models
),

split as (
    {{ allocate('weighted', 'credit', 'weight', group_by=['customer_id', 'attribution_model'], ties=['touch_number']) }}
),

credits as (
    select
        customer_id,
        attribution_model,
        media_source,
        campaign_id,
        cast({{ exact_product('allocated_amount', 'cast(0.000001 as decimal(7, 6))') }} as decimal(18, 8)) as credit_share
    from split

    union all

    select
        first_orders.customer_id,
        models.attribution_model,
        'none' as media_source,
        {{ unknown_member() }} as campaign_id,
        cast(1 as decimal(18, 8)) as credit_share
    from first_orders
    cross join models
    left join paths
        on first_orders.customer_id = paths.customer_id
        and paths.touch_number = 1
    where paths.customer_id is null
),

final as (
    select
        credits.customer_id,
        credits.attribution_model,
        credits.media_source,
        credits.campaign_id,
        first_orders.first_order_month,
        cast(sum(credits.credit_share) as decimal(18, 8)) as credit_share
    from credits
    inner join first_orders
        on credits.customer_id = first_orders.customer_id
    group by
        credits.customer_id,
        credits.attribution_model,
        credits.media_source,
        credits.campaign_id,
        first_orders.first_order_month
    having sum(credits.credit_share) > 0
)

select * from final

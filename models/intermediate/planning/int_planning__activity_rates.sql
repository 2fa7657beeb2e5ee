with

calendar as (
    {{ plan_calendar() }}
),

receivers as (
    select
        period,
        activity_id,
        customer_id,
        minutes
    from {{ ref('int_costing__activity_receivers') }}
),

activities as (
    select
        activity_id,
        cost_level,
        waterfall_line
    from {{ ref('dim_activity') }}
),

-- An activity of orders that all its drivers tie to one channel goes by the orders of that channel.
driven as (
    select
        activity_id,
        max(case when driver = 'media_spend' then 1 else 0 end) = 1 as is_by_spend,
        case when min(coalesce(channel_id, '')) = max(coalesce(channel_id, '')) then min(channel_id) end as channel_id
    from {{ ref('activity_drivers') }}
    group by activity_id
),

media_spend as (
    select
        month,
        media_source,
        media_spend_amount
    from {{ ref('fct_media_spend') }}
    where media_spend_amount > 0
),

customers as (
    select
        customer_id,
        segment_id,
        -- Who is not expected has no cell of its own.
        case when is_expected then named_customer_id else '' end as named_customer_id
    from {{ ref('int_planning__customers') }}
),

won_customers as (
    select customer_id
    from {{ ref('int_planning__first_orders') }}
    where is_won_in_window
),

orders as (
    select
        customer_id,
        channel_id,
        {{ month_of('ordered_on') }} as month,
        order_id
    from {{ ref('int_sales__orders') }}
    where is_void is not true
),

-- A customer counts in its segment, in all customers and, where it was won in the window, among the new ones.
grouped as (
    select
        customer_id,
        'all' as segment_id,
        '' as named_customer_id
    from customers

    union all

    select
        customer_id,
        segment_id,
        named_customer_id
    from customers

    union all

    select
        customer_id,
        'won' as segment_id,
        '' as named_customer_id
    from won_customers
),

counted as (
    select
        orders.customer_id,
        orders.channel_id,
        orders.month,
        count(*) as order_count
    from orders
    cross join calendar
    where orders.month > calendar.before_window and orders.month <= calendar.as_of_month
    group by
        orders.customer_id,
        orders.channel_id,
        orders.month
),

active_months as (
    select distinct
        customer_id,
        month
    from counted
),

active as (
    select
        grouped.segment_id,
        grouped.named_customer_id,
        cast(count(*) as double) as active_count
    from grouped
    inner join active_months
        on grouped.customer_id = active_months.customer_id
    group by
        grouped.segment_id,
        grouped.named_customer_id
),

ordered as (
    select
        grouped.segment_id,
        grouped.named_customer_id,
        counted.channel_id,
        cast(sum(counted.order_count) as double) as order_count
    from grouped
    inner join counted
        on grouped.customer_id = counted.customer_id
    group by
        grouped.segment_id,
        grouped.named_customer_id,
        counted.channel_id
),

ordered_anyhow as (
    select
        segment_id,
        named_customer_id,
        sum(order_count) as order_count
    from ordered
    group by
        segment_id,
        named_customer_id
),

worked as (
    select
        receivers.activity_id,
        receivers.customer_id,
        sum(receivers.minutes) as minutes
    from receivers
    cross join calendar
    where receivers.period > calendar.before_window and receivers.period <= calendar.as_of_month
    group by
        receivers.activity_id,
        receivers.customer_id
),

worked_for as (
    select
        worked.activity_id,
        grouped.segment_id,
        grouped.named_customer_id,
        cast(sum(worked.minutes) as double) as minutes
    from worked
    inner join grouped
        on worked.customer_id = grouped.customer_id
    group by
        worked.activity_id,
        grouped.segment_id,
        grouped.named_customer_id
),

for_customers as (
    select
        worked_for.activity_id,
        case when activities.cost_level = 'order' then 'orders' else 'active_customers' end as basis,
        worked_for.segment_id,
        case when activities.cost_level = 'order' then driven.channel_id end as channel_id,
        cast(null as {{ dbt.type_string() }}) as media_source,
        worked_for.named_customer_id,
        worked_for.minutes,
        case
            when activities.cost_level <> 'order' then active.active_count
            when driven.channel_id is null then ordered_anyhow.order_count
            else ordered.order_count
        end as quantity
    from worked_for
    inner join activities
        on worked_for.activity_id = activities.activity_id
    left join driven
        on worked_for.activity_id = driven.activity_id
    left join ordered
        on worked_for.segment_id = ordered.segment_id
        and worked_for.named_customer_id = ordered.named_customer_id
        and case when activities.cost_level = 'order' then driven.channel_id end = ordered.channel_id
    left join active
        on worked_for.segment_id = active.segment_id
        and worked_for.named_customer_id = active.named_customer_id
    left join ordered_anyhow
        on worked_for.segment_id = ordered_anyhow.segment_id
        and worked_for.named_customer_id = ordered_anyhow.named_customer_id
),

won as (
    select cast(count(*) as double) as customer_count
    from won_customers
),

-- What is done to win customers goes by those who are won; money for media by itself, by source.
for_prospects as (
    select
        worked.activity_id,
        'new_customers' as basis,
        'all' as segment_id,
        cast(null as {{ dbt.type_string() }}) as channel_id,
        cast(null as {{ dbt.type_string() }}) as media_source,
        '' as named_customer_id,
        cast(worked.minutes as double) as minutes,
        won.customer_count as quantity
    from worked
    left join driven
        on worked.activity_id = driven.activity_id
    cross join won
    where worked.customer_id is null and not coalesce(driven.is_by_spend, false)

    union all

    select
        driven.activity_id,
        'months' as basis,
        'all' as segment_id,
        cast(null as {{ dbt.type_string() }}) as channel_id,
        media_spend.media_source,
        '' as named_customer_id,
        cast(sum(media_spend.media_spend_amount) as double) as minutes,
        max(calendar.window_months) as quantity
    from media_spend
    cross join calendar
    inner join driven
        on driven.is_by_spend
    where media_spend.month > calendar.before_window and media_spend.month <= calendar.as_of_month
    group by
        driven.activity_id,
        media_spend.media_source
),

rates as (
    select * from for_customers
    union all
    select * from for_prospects
),

final as (
    select
        activity_id,
        basis,
        segment_id,
        channel_id,
        media_source,
        named_customer_id,
        round(minutes, 4) as minutes,
        round(quantity, 10) as quantity,
        round(minutes / nullif(quantity, 0), 10) as minutes_each
    from rates
    where quantity > 0
)

select * from final

with

calendar as (
    select as_of
    from {{ ref('int_calendar__as_of') }}
),

first_orders as (
    select * from {{ ref('int_marketing__first_orders') }}
),

paths as (
    select * from {{ ref('int_marketing__customer_paths') }}
),

months as (
    select
        customer_id,
        month,
        -- The fee for the lead that became the customer is part of the acquisition cost already.
        customer_margin_amount + lead_fee_amount as margin_amount
    from {{ ref('customer_profitability_monthly') }}
),

performance as (
    select
        media_source,
        sum(acquisition_cost_amount) as acquisition_cost_amount
    from {{ ref('campaign_performance_monthly') }}
    group by media_source
),

travelled as (
    select
        customer_id,
        max(touch_count) as touch_count,
        sum(case when is_response then 1 else 0 end) as response_count,
        count(distinct lead_id) as lead_count,
        min(touched_on) as first_touched_on,
        max(touched_on) as last_touched_on,
        max(case when touch_number = 1 then media_source end) as media_source,
        max(case when touch_number = 1 then campaign_id end) as campaign_id,
        max(case when touch_number = touch_count then media_source end) as last_touch_media_source,
        max(case when touch_number = touch_count then campaign_id end) as last_touch_campaign_id
    from paths
    group by customer_id
),

won as (
    select
        first_orders.customer_id,
        first_orders.first_order_id,
        first_orders.first_ordered_on,
        first_orders.first_order_month,
        first_orders.channel_id,
        coalesce(travelled.media_source, 'none') as media_source,
        coalesce(travelled.campaign_id, {{ unknown_member() }}) as campaign_id,
        coalesce(travelled.last_touch_media_source, 'none') as last_touch_media_source,
        coalesce(travelled.last_touch_campaign_id, {{ unknown_member() }}) as last_touch_campaign_id,
        travelled.first_touched_on,
        travelled.last_touched_on,
        coalesce(travelled.touch_count, 0) as touch_count,
        coalesce(travelled.response_count, 0) as response_count,
        coalesce(travelled.lead_count, 0) as lead_count
    from first_orders
    left join travelled
        on first_orders.customer_id = travelled.customer_id
),

-- Everybody whom a media source won costs the same: what it cost to date, those whom it did not win included.
weighed as (
    select
        won.*,
        {{ dbt.datediff('first_touched_on', 'first_ordered_on', 'day') }} as path_days,
        coalesce(performance.acquisition_cost_amount, 0) as source_cost_amount,
        cast(1 as decimal(18, 4)) as weight
    from won
    left join performance
        on won.media_source = performance.media_source
),

costed as (
    {{ allocate('weighed', 'source_cost_amount', 'weight', group_by=['media_source'], ties=['customer_id']) }}
),

earned as (
    select
        costed.customer_id,
        costed.first_order_month,
        costed.allocated_amount as cost_amount,
        months.month,
        sum(months.margin_amount) over (
            partition by costed.customer_id
            order by months.month
            rows between unbounded preceding and current row
        ) as cumulative_margin_amount,
        sum(months.margin_amount) over (partition by costed.customer_id) as margin_amount
    from costed
    inner join months
        on costed.customer_id = months.customer_id
),

covered as (
    select
        *,
        {{ dbt.datediff('first_order_month', 'month', 'month') }} as age
    from earned
    where month >= first_order_month
),

paid_back as (
    select
        customer_id,
        max(margin_amount) as margin_amount,
        min(case when cumulative_margin_amount >= cost_amount then age end) as payback_months
    from covered
    group by customer_id
),

final as (
    select
        costed.customer_id,
        costed.first_order_id,
        costed.first_ordered_on,
        costed.first_order_month,
        costed.channel_id as first_channel_id,
        costed.media_source,
        costed.campaign_id,
        costed.last_touch_media_source,
        costed.last_touch_campaign_id,
        costed.first_touched_on,
        costed.last_touched_on,
        cast(costed.path_days as integer) as days_to_first_order,
        cast(costed.touch_count as bigint) as touch_count,
        cast(costed.response_count as bigint) as response_count,
        cast(costed.lead_count as bigint) as lead_count,
        costed.allocated_amount as acquisition_cost_amount,
        cast(coalesce(paid_back.margin_amount, 0) - costed.allocated_amount as decimal(18, 4)) as margin_after_acquisition_amount,
        cast(paid_back.payback_months as integer) as payback_months,
        coalesce(paid_back.margin_amount, 0) >= costed.allocated_amount as is_paid_back,
        (select calendar.as_of from calendar) as as_of
    from costed
    left join paid_back
        on costed.customer_id = paid_back.customer_id
)

select * from final

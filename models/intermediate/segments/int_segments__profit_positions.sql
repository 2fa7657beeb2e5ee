with

waterfall as (
    select
        customer_id,
        month,
        order_count,
        net_revenue_amount,
        customer_profit_amount,
        order_date_net_revenue_amount,
        order_date_profit_amount
    from {{ ref('int_customers__waterfall') }}
    where not is_unattributed
),

calendar as (
    select last_month
    from {{ ref('int_calendar__as_of') }}
),

dates as (
    select distinct month
    from {{ ref('dim_date') }}
),

tiers as (
    select
        profit_tier,
        first_decile,
        last_decile,
        is_loss
    from {{ ref('profit_tiers') }}
),

spans as (
    select
        customer_id,
        min(month) as first_month
    from waterfall
    group by customer_id
),

spine as (
    select
        spans.customer_id,
        dates.month
    from spans
    inner join dates
        on spans.first_month <= dates.month
    inner join calendar
        on dates.month <= calendar.last_month
),

rolling as (
    select
        spine.customer_id,
        spine.month,
        count(waterfall.month) over ({{ last_twelve_months('spine.customer_id', 'spine.month') }}) as month_count_12m,
        sum(coalesce(waterfall.order_count, 0)) over ({{ last_twelve_months('spine.customer_id', 'spine.month') }}) as order_count_12m,
        sum(coalesce(waterfall.net_revenue_amount, 0)) over ({{ last_twelve_months('spine.customer_id', 'spine.month') }}) as net_revenue_12m_amount,
        sum(coalesce(waterfall.customer_profit_amount, 0)) over (
            {{ last_twelve_months('spine.customer_id', 'spine.month') }}
        ) as customer_profit_12m_amount,
        sum(coalesce(waterfall.order_date_net_revenue_amount, 0)) over (
            {{ last_twelve_months('spine.customer_id', 'spine.month') }}
        ) as order_date_net_revenue_12m_amount,
        sum(coalesce(waterfall.order_date_profit_amount, 0)) over (
            {{ last_twelve_months('spine.customer_id', 'spine.month') }}
        ) as order_date_profit_12m_amount
    from spine
    left join waterfall
        on spine.customer_id = waterfall.customer_id
        and spine.month = waterfall.month
),

ranked as (
    select
        customer_id,
        month,
        order_count_12m,
        net_revenue_12m_amount,
        customer_profit_12m_amount,
        {{ is_only_after_effects(
            'order_count_12m', 'net_revenue_12m_amount', 'customer_profit_12m_amount', 'order_date_net_revenue_12m_amount',
            'order_date_profit_12m_amount'
        ) }} as is_only_after_effects,
        count(*) over (partition by month) as customer_count,
        rank() over (partition by month order by customer_profit_12m_amount desc) as profit_rank,
        row_number() over (partition by month order by customer_profit_12m_amount desc, customer_id asc) as curve_position
    from rolling
    -- Who had no transaction in the window is on no curve.
    where month_count_12m > 0
),

placed as (
    select
        *,
        {{ decile_of('curve_position', 'customer_count') }} as profit_decile
    from ranked
),

final as (
    select
        placed.customer_id,
        placed.month,
        cast(placed.order_count_12m as bigint) as order_count_12m,
        cast(placed.net_revenue_12m_amount as decimal(18, 4)) as net_revenue_12m_amount,
        cast(placed.customer_profit_12m_amount as decimal(18, 4)) as customer_profit_12m_amount,
        placed.customer_count,
        cast(placed.profit_rank as bigint) as profit_rank,
        cast(placed.curve_position as bigint) as curve_position,
        placed.profit_decile,
        tiers.profit_tier,
        placed.is_only_after_effects
    from placed
    left join tiers
        on placed.profit_decile between tiers.first_decile and tiers.last_decile
        and (placed.customer_profit_12m_amount < 0) = tiers.is_loss
)

select * from final

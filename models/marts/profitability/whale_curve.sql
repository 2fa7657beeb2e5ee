with

months as (
    select
        customer_id,
        month,
        order_count,
        net_revenue_amount,
        customer_profit_amount,
        order_date_net_revenue_amount,
        order_date_profit_amount
    from {{ ref('customer_profitability_monthly') }}
    where not is_unattributed
),

stamps as (
    select
        customer_id,
        month,
        segment_id
    from {{ ref('int_segments__stamps') }}
),

calendar as (
    select
        as_of,
        as_of_month,
        last_month
    from {{ ref('int_calendar__as_of') }}
),

-- In which segment a customer is, is asked at the end of the period: of a year, of the last one when it is judged.
counted as (
    select
        'all' as period,
        cast(null as integer) as year_number,
        months.customer_id,
        calendar.as_of_month as segment_month,
        months.order_count,
        months.net_revenue_amount,
        months.customer_profit_amount,
        months.order_date_net_revenue_amount,
        months.order_date_profit_amount
    from months
    cross join calendar

    union all

    select
        'last_12m' as period,
        cast(null as integer) as year_number,
        months.customer_id,
        calendar.as_of_month as segment_month,
        months.order_count,
        months.net_revenue_amount,
        months.customer_profit_amount,
        months.order_date_net_revenue_amount,
        months.order_date_profit_amount
    from months
    cross join calendar
    where
        months.month > {{ month_after('calendar.as_of_month', -12) }}
        and months.month <= calendar.as_of_month

    union all

    select
        cast(cast(extract(year from months.month) as integer) as {{ dbt.type_string() }}) as period,
        cast(extract(year from months.month) as integer) as year_number,
        months.customer_id,
        least({{ month_after(year_of('months.month'), 11) }}, calendar.last_month) as segment_month,
        months.order_count,
        months.net_revenue_amount,
        months.customer_profit_amount,
        months.order_date_net_revenue_amount,
        months.order_date_profit_amount
    from months
    cross join calendar
),

summed as (
    select
        period,
        year_number,
        customer_id,
        segment_month,
        sum(order_count) as order_count,
        sum(net_revenue_amount) as net_revenue_amount,
        sum(customer_profit_amount) as customer_profit_amount,
        sum(order_date_net_revenue_amount) as order_date_net_revenue_amount,
        sum(order_date_profit_amount) as order_date_profit_amount
    from counted
    group by
        period,
        year_number,
        customer_id,
        segment_month
),

segmented as (
    select
        summed.*,
        {{ is_only_after_effects(
            'summed.order_count', 'summed.net_revenue_amount', 'summed.customer_profit_amount', 'summed.order_date_net_revenue_amount',
            'summed.order_date_profit_amount'
        ) }} as is_only_after_effects,
        {{ stamped_segment('false', 'stamps.segment_id') }} as segment_id
    from summed
    left join stamps
        on summed.customer_id = stamps.customer_id
        and summed.segment_month = stamps.month
),

scoped as (
    select
        'all' as scope,
        *
    from segmented

    union all

    select
        segment_id as scope,
        *
    from segmented
),

placed as (
    select
        *,
        count(*) over (partition by scope, period) as customer_count,
        rank() over (partition by scope, period order by customer_profit_amount desc) as profit_rank,
        row_number() over (partition by scope, period order by customer_profit_amount desc, customer_id asc) as curve_position,
        sum(customer_profit_amount) over (
            partition by scope, period
            order by customer_profit_amount desc, customer_id asc
            rows between unbounded preceding and current row
        ) as cumulative_profit_amount,
        sum(customer_profit_amount) over (partition by scope, period) as total_profit_amount,
        sum(case when customer_profit_amount > 0 then customer_profit_amount else 0 end) over (partition by scope, period) as peak_profit_amount
    from scoped
),

final as (
    select
        placed.scope,
        placed.period,
        placed.year_number,
        calendar.as_of,
        placed.customer_id,
        placed.segment_id,
        cast(placed.curve_position as bigint) as curve_position,
        cast(placed.profit_rank as bigint) as profit_rank,
        placed.customer_count,
        {{ ratio('placed.curve_position', 'placed.customer_count') }} as customer_share,
        {{ decile_of('placed.curve_position', 'placed.customer_count') }} as decile,
        placed.customer_profit_amount < 0 and not placed.is_only_after_effects as is_loss_maker,
        cast(placed.net_revenue_amount as {{ money_total() }}) as net_revenue_amount,
        cast(placed.customer_profit_amount as {{ money_total() }}) as customer_profit_amount,
        cast(placed.cumulative_profit_amount as {{ money_total() }}) as cumulative_profit_amount,
        cast(placed.total_profit_amount as {{ money_total() }}) as total_profit_amount,
        cast(placed.peak_profit_amount as {{ money_total() }}) as peak_profit_amount,
        {{ share_of_total('placed.customer_profit_amount', 'placed.total_profit_amount') }} as profit_share,
        {{ share_of_total('placed.cumulative_profit_amount', 'placed.total_profit_amount') }} as cumulative_profit_share,
        {{ share_of_total('placed.cumulative_profit_amount', 'placed.peak_profit_amount') }} as cumulative_peak_share,
        placed.is_only_after_effects,
        cast(placed.order_date_net_revenue_amount as {{ money_total() }}) as order_date_net_revenue_amount,
        cast(placed.order_date_profit_amount as {{ money_total() }}) as order_date_profit_amount,
        placed.order_date_profit_amount < 0 as is_order_date_loss_maker
    from placed
    cross join calendar
)

select * from final

with

order_lines as (
    select
        customer_id,
        order_id,
        ordered_on,
        month
    from {{ ref('fct_order_lines') }}
    where
        customer_id <> {{ unattributed_customer() }}
        and order_id is not null
),

customers as (
    select
        customer_id,
        customer_kind
    from {{ ref('dim_customer') }}
),

calendar as (
    select
        as_of_month,
        last_month
    from {{ ref('int_calendar__as_of') }}
),

dates as (
    select distinct
        month,
        {{ month_end_of('month') }} as month_end
    from {{ ref('dim_date') }}
),

windows as (
    select
        customer_kind,
        active_days,
        churned_days
    from {{ ref('customer_windows') }}
),

ordered as (
    select
        customer_id,
        month,
        count(distinct order_id) as order_count,
        max(ordered_on) as last_ordered_on
    from order_lines
    group by
        customer_id,
        month
),

-- A kind of customer without windows of its own takes those of any.
spans as (
    select
        ordered.customer_id,
        min(ordered.month) as first_order_month,
        min(coalesce(own_windows.active_days, any_windows.active_days)) as active_days,
        min(coalesce(own_windows.churned_days, any_windows.churned_days)) as churned_days
    from ordered
    inner join customers
        on ordered.customer_id = customers.customer_id
    left join windows as own_windows
        on customers.customer_kind = own_windows.customer_kind
    left join windows as any_windows
        on any_windows.customer_kind = 'any'
    group by ordered.customer_id
),

months as (
    select
        dates.month,
        dates.month_end,
        dates.month <= calendar.as_of_month as is_complete_month
    from dates
    inner join calendar
        on dates.month <= calendar.last_month
),

spine as (
    select
        spans.customer_id,
        spans.first_order_month,
        spans.active_days,
        spans.churned_days,
        months.month,
        months.month_end,
        months.is_complete_month,
        coalesce(ordered.order_count, 0) as order_count,
        max(ordered.last_ordered_on) over (
            partition by spans.customer_id
            order by months.month
            rows between unbounded preceding and current row
        ) as last_ordered_on
    from spans
    inner join months
        on spans.first_order_month <= months.month
    left join ordered
        on spans.customer_id = ordered.customer_id
        and months.month = ordered.month
),

aged as (
    select
        *,
        {{ dbt.datediff('first_order_month', 'month', 'month') }} as months_since_first_order,
        {{ dbt.datediff('last_ordered_on', 'month_end', 'day') }} as days_since_last_order
    from spine
),

judged as (
    select
        *,
        case
            when days_since_last_order <= active_days then 'active'
            when days_since_last_order <= churned_days then 'lapsed'
            else 'churned'
        end as status
    from aged
),

compared as (
    select
        *,
        lag(status) over (partition by customer_id order by month) as previous_status
    from judged
),

final as (
    select
        customer_id,
        month,
        month_end,
        first_order_month,
        cast(months_since_first_order as integer) as months_since_first_order,
        cast(order_count as bigint) as order_count,
        month = first_order_month as is_new,
        last_ordered_on,
        cast(days_since_last_order as integer) as days_since_last_order,
        status,
        previous_status,
        status = 'lapsed' and coalesce(previous_status, '') <> 'lapsed' as is_lapsing,
        status = 'churned' and coalesce(previous_status, '') <> 'churned' as is_churning,
        status = 'active' and coalesce(previous_status, 'active') <> 'active' as is_reactivated,
        is_complete_month
    from compared
)

select * from final

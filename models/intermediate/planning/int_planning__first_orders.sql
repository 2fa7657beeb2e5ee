with

calendar as (
    {{ plan_calendar() }}
),

acquired as (
    select
        customer_id,
        media_source,
        first_order_month
    from {{ ref('customer_acquisition') }}
),

recorded as (
    select
        customer_id,
        created_on
    from {{ ref('dim_customer') }}
    where not is_unattributed
),

dated as (
    select
        acquired.customer_id,
        acquired.media_source,
        acquired.first_order_month,
        cast(
            {{ dbt.datediff('calendar.first_month', 'acquired.first_order_month', 'month') }}
            as integer
        ) as won_number,
        calendar.watch_months,
        calendar.won_after,
        calendar.as_of_month,
        coalesce(recorded.created_on < calendar.first_month, false) as is_older_record,
        -- Where nobody was recorded since, the days of records are those of a list that was loaded once.
        max(
            case when acquired.first_order_month > calendar.watched_after and recorded.created_on >= calendar.first_month then 1 else 0 end
        ) over () = 1 as do_records_tell
    from acquired
    cross join calendar
    left join recorded
        on acquired.customer_id = recorded.customer_id
),

judged as (
    select
        *,
        watch_months = 0 or not is_older_record or not do_records_tell as is_new
    from dated
),

final as (
    select
        customer_id,
        media_source,
        first_order_month,
        won_number,
        is_new,
        coalesce(is_new and first_order_month > won_after and first_order_month <= as_of_month, false) as is_won_in_window
    from judged
)

select * from final

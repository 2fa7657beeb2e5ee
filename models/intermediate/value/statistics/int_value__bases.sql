with

calendar as (
    select
        as_of,
        as_of_month,
        {{ dbt.datediff('first_month', 'as_of_month', 'month') }} + 1 as month_count
    from {{ ref('int_calendar__as_of') }}
),

settings as (
    select {{ value_setting('hold_out_months') }} as hold_out_months
),

windows as (
    select
        calendar.as_of,
        calendar.as_of_month,
        cast(least(settings.hold_out_months, floor(calendar.month_count / 2e0)) as integer) as hold_out_months
    from calendar
    cross join settings
),

bases as (
    select
        'full' as basis,
        as_of_month as last_month,
        cast(null as date) as predicted_until
    from windows

    union all

    select
        'previous' as basis,
        {{ month_after('as_of_month', -1) }} as last_month,
        cast(null as date) as predicted_until
    from windows

    union all

    select
        'hold_out' as basis,
        {{ month_after('as_of_month', '-hold_out_months') }} as last_month,
        as_of as predicted_until
    from windows
    where hold_out_months > 0
),

ended as (
    select
        basis,
        last_month,
        {{ month_end_of('last_month') }} as observed_until,
        predicted_until
    from bases
),

-- What a year ahead, or the hold-out window, would have been a window before: what repeating the last period repeats.
final as (
    select
        basis,
        last_month,
        observed_until,
        predicted_until,
        cast(coalesce({{ dbt.datediff('observed_until', 'predicted_until', 'day') }}, 365) as integer) as window_days
    from ended
)

select * from final

with

days as (
    {{ calendar_days() }}
),

placed as (
    select
        calendar_date,
        cast({{ dbt.date_trunc('week', 'calendar_date') }} as date) as week,
        {{ fiscal_year_start_of('calendar_date') }} as fiscal_year_starts_on,
        {{ fiscal_month_of('calendar_date') }} as fiscal_month
    from days
),

final as (
    select
        calendar_date,
        {{ month_of('calendar_date') }} as month,
        cast({{ dbt.date_trunc('quarter', 'calendar_date') }} as date) as quarter,
        cast({{ dbt.date_trunc('year', 'calendar_date') }} as date) as year,
        week,
        cast(extract(year from calendar_date) as integer) as year_number,
        cast(extract(quarter from calendar_date) as integer) as quarter_number,
        cast(extract(month from calendar_date) as integer) as month_number,
        cast(extract(day from calendar_date) as integer) as day_of_month,
        cast({{ dbt.datediff('week', 'calendar_date', 'day') }} + 1 as integer) as day_of_week,
        {{ dbt.datediff('week', 'calendar_date', 'day') }} >= 5 as is_weekend,
        calendar_date = cast({{ dbt.last_day('calendar_date', 'month') }} as date) as is_month_end,
        -- Named by the calendar year in which it ends.
        cast(extract(year from {{ month_after('fiscal_year_starts_on', 11) }}) as integer) as fiscal_year,
        cast(floor((fiscal_month + 2) / 3) as integer) as fiscal_quarter,
        fiscal_month,
        fiscal_year_starts_on,
        {{ fiscal_quarter_start_of('calendar_date') }} as fiscal_quarter_starts_on
    from placed
)

select * from final

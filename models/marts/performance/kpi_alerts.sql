with

-- An unfinished period has no state yet.
states as (
    select
        kpi_id,
        kpi_name,
        owner,
        unit_kind,
        unit_id,
        period_kind,
        period,
        period_name,
        ends_on,
        actual_value,
        target_value,
        status,
        lag(status) over (partition by kpi_id, unit_kind, unit_id, period_kind order by period) as previous_status
    from {{ ref('scorecard') }}
    where is_complete
),

entered as (
    select
        *,
        lead(ends_on) over (partition by kpi_id, unit_kind, unit_id, period_kind order by period) as left_on,
        lead(status) over (partition by kpi_id, unit_kind, unit_id, period_kind order by period) as next_status,
        lag(ends_on) over (partition by kpi_id, unit_kind, unit_id, period_kind order by period) as previous_since
    from states
    where previous_status is null or status <> previous_status
),

final as (
    select
        kpi_id,
        kpi_name,
        owner,
        unit_kind,
        unit_id,
        period_kind,
        period,
        period_name,
        ends_on as entered_on,
        status,
        previous_status,
        previous_since as previous_entered_on,
        left_on,
        next_status,
        left_on is null as is_current,
        actual_value,
        target_value
    from entered
    where previous_status is not null
)

select * from final

with

changes as (
    select * from {{ ref('int_stability__activity_changes') }}
),

receivers as (
    select
        period,
        activity_id,
        customer_id,
        cast(sum(minutes) as double) as minutes
    from {{ ref('int_costing__activity_receivers') }}
    group by
        period,
        activity_id,
        customer_id
),

-- Prospects bear their part of the change as well: acquisition.
shares as (
    select
        period,
        activity_id,
        customer_id,
        minutes / nullif(sum(minutes) over (partition by period, activity_id), 0) as share
    from receivers
),

final as (
    select
        shares.customer_id,
        changes.scenario_id,
        cast(round(sum(shares.share * cast(changes.less_time_change_amount as double)), 6) as decimal(18, 6)) as less_time_change_amount,
        cast(round(sum(shares.share * cast(changes.more_time_change_amount as double)), 6) as decimal(18, 6)) as more_time_change_amount
    from shares
    inner join changes
        on shares.period = changes.period
        and shares.activity_id = changes.activity_id
    where shares.customer_id is not null
    group by
        shares.customer_id,
        changes.scenario_id
)

select * from final

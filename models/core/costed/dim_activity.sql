with

activities as (
    select * from {{ ref('cost_activities') }}
),

drivers as (
    select
        activity_id,
        driver,
        row_number() over (partition by activity_id order by valid_from desc, rule_id asc) as version_rank
    from {{ ref('activity_drivers') }}
),

final as (
    select
        activities.activity_id,
        activities.activity_name,
        activities.cost_level,
        activities.waterfall_line,
        drivers.driver
    from activities
    left join drivers
        on activities.activity_id = drivers.activity_id
        and drivers.version_rank = 1
)

select * from final

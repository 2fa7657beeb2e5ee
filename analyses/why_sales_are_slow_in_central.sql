-- Sales are good overall: where are they slow all the same, in which industry there, and which product group that was to grow is not selling? The
-- last complete quarter against its targets, level by level: the company, its weakest territory, the weakest industry in that, the weakest
-- product group in that, each with its actual value, its target and what it contributes to the distance of the level above.

with

contributions as (
    select * from {{ ref('scorecard_contributions') }}
    where kpi_id = 'net_sales' and compared_with = 'target' and period_kind = 'quarter' and is_complete
),

last_period as (
    select max(period) as period from contributions
),

last_quarter as (
    select
        contributions.*,
        row_number() over (
            partition by contributions.unit_kind, contributions.unit_id, contributions.child_kind
            order by contributions.contribution_value, contributions.child_id
        ) as place
    from contributions
    inner join last_period
        on contributions.period = last_period.period
    where contributions.child_id <> '(not shared out)'
),

territories as (
    select * from last_quarter
    where unit_kind = 'company' and child_kind = 'territory' and place = 1
),

industries as (
    select last_quarter.*
    from last_quarter
    inner join territories
        on last_quarter.unit_kind = 'territory'
        and last_quarter.unit_id = territories.child_id
    where last_quarter.child_kind = 'industry' and last_quarter.place = 1
),

product_groups as (
    select last_quarter.*
    from last_quarter
    inner join industries
        on last_quarter.unit_kind = 'territory/industry'
        and last_quarter.unit_id = industries.unit_id || ' / ' || industries.child_id
    where last_quarter.child_kind = 'product_group' and last_quarter.place = 1
),

levels as (
    select
        0 as drill_level,
        'company' as unit_kind,
        'company' as unit_id,
        unit_value as actual_value,
        unit_compared_value as target_value,
        difference_value as contribution_value
    from territories

    union all

    select
        1 as drill_level,
        child_kind as unit_kind,
        child_id as unit_id,
        child_value as actual_value,
        child_compared_value as target_value,
        contribution_value
    from territories

    union all

    select
        2 as drill_level,
        child_kind as unit_kind,
        child_id as unit_id,
        child_value as actual_value,
        child_compared_value as target_value,
        contribution_value
    from industries

    union all

    select
        3 as drill_level,
        child_kind as unit_kind,
        child_id as unit_id,
        child_value as actual_value,
        child_compared_value as target_value,
        contribution_value
    from product_groups
),

final as (
    select
        levels.drill_level,
        levels.unit_kind,
        coalesce(territories.territory_name, levels.unit_id) as unit_name,
        cast(levels.actual_value as decimal(28, 2)) as actual_value,
        cast(levels.target_value as decimal(28, 2)) as target_value,
        cast(levels.contribution_value as decimal(28, 2)) as contribution_value
    from levels
    left join {{ ref('dim_territory') }} as territories
        on levels.unit_kind = 'territory'
        and levels.unit_id = territories.territory_id
)

select * from final
order by drill_level

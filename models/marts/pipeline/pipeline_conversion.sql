with

stays as (
    select * from {{ ref('fct_opportunity_stages') }}
),

stages as (
    select distinct
        stage,
        stage_order
    from {{ ref('pipeline_stages') }}
    where stage_state = 'open'
),

-- How far each got from a stay on, and how it ended.
histories as (
    select
        opportunity_id,
        max(case when next_stage is null then stage end) as last_stage,
        max(case when next_stage is null then stage_state end) as last_state,
        max(case when next_stage is null then entered_on end) as last_entered_on,
        max(case when next_stage is null and stage_state = 'won' then amount end) as won_amount,
        max(case when stage_state <> 'lost' then stage_order end) as furthest_order_alive
    from stays
    group by opportunity_id
),

-- Every way into a stage: a stage that is jumped over counts as reached, on the day of the jump.
ways_in as (
    select
        opportunity_id,
        stage,
        stay_number,
        entered_on,
        days_in_stage,
        territory_id,
        false as is_jump
    from stays
    where stage_state = 'open' and stage_order is not null

    union all

    select
        stays.opportunity_id,
        stages.stage,
        stays.stay_number,
        stays.entered_on,
        cast(null as integer) as days_in_stage,
        stays.territory_id,
        true as is_jump
    from stays
    inner join stages
        on stays.stage_order > stages.stage_order
    where stays.stage_state <> 'lost'
),

ranked_ways as (
    select
        *,
        row_number() over (partition by opportunity_id, stage order by stay_number) as place
    from ways_in
),

-- The first time counts, with its territory; one that jumps over a stage and goes back to it was there, and its days count.
entered as (
    select
        opportunity_id,
        stage,
        max(case when place = 1 then entered_on end) as entered_on,
        sum(days_in_stage) as days_in_stage,
        max(case when place = 1 then territory_id end) as territory_id,
        min(case when is_jump then 1 else 0 end) = 1 as is_jump
    from ranked_ways
    group by
        opportunity_id,
        stage
),

judged as (
    select
        entered.stage,
        stages.stage_order,
        {{ month_of('entered.entered_on') }} as month,
        entered.territory_id,
        entered.is_jump,
        histories.furthest_order_alive > stages.stage_order as has_reached_next,
        histories.last_state = 'won' as is_won,
        histories.last_state = 'lost' as is_lost,
        histories.last_stage = entered.stage as is_still_there,
        entered.days_in_stage,
        case when histories.last_state = 'won' then {{ days_after('histories.last_entered_on', 'entered.entered_on') }} end as days_to_win,
        case when histories.last_state = 'won' then histories.won_amount end as won_amount
    from entered
    inner join stages
        on entered.stage = stages.stage
    inner join histories
        on entered.opportunity_id = histories.opportunity_id
),

ranked as (
    select
        *,
        row_number() over (partition by stage, month, territory_id order by days_in_stage) as place,
        count(days_in_stage) over (partition by stage, month, territory_id) as stay_count
    from judged
    where days_in_stage is not null
),

-- The middle stay, or the mean of the two in the middle.
medians as (
    select
        stage,
        month,
        territory_id,
        cast(avg(days_in_stage) as double) as median_days_in_stage
    from ranked
    where place * 2 >= stay_count and place * 2 <= stay_count + 2
    group by
        stage,
        month,
        territory_id
),

counted as (
    select
        stage,
        max(stage_order) as stage_order,
        month,
        territory_id,
        count(*) as entered_count,
        sum(case when is_jump then 1 else 0 end) as jumped_count,
        sum(case when has_reached_next then 1 else 0 end) as reached_next_count,
        sum(case when is_won then 1 else 0 end) as won_count,
        sum(case when is_lost then 1 else 0 end) as lost_count,
        sum(case when is_still_there then 1 else 0 end) as still_there_count,
        coalesce(sum(won_amount), 0) as won_amount,
        avg(cast(days_to_win as double)) as average_days_to_win
    from judged
    group by
        stage,
        month,
        territory_id
),

final as (
    select
        counted.stage,
        cast(counted.stage_order as integer) as stage_order,
        counted.month,
        counted.territory_id,
        cast(counted.entered_count as bigint) as entered_count,
        cast(counted.jumped_count as bigint) as jumped_count,
        cast(counted.reached_next_count as bigint) as reached_next_count,
        cast(counted.won_count as bigint) as won_count,
        cast(counted.lost_count as bigint) as lost_count,
        cast(counted.still_there_count as bigint) as still_there_count,
        medians.median_days_in_stage,
        cast(counted.won_amount as {{ money_total() }}) as won_amount,
        counted.average_days_to_win,
        -- Number x win rate x average value / days to close, which is what they won a day.
        case when counted.average_days_to_win > 0 then cast(counted.won_amount as double) / counted.average_days_to_win end as velocity_per_day
    from counted
    left join medians
        on counted.stage = medians.stage
        and counted.month = medians.month
        and counted.territory_id = medians.territory_id
)

select * from final

-- What was due is won (at what it was worth before the decision), lost or slipped; what was won in all months is what was
-- won and not reopened before the end of its month.
with

accuracy as (
    select * from {{ ref('pipeline_accuracy') }}
),

wins as (
    select * from {{ ref('fct_opportunity_stages') }}
    where stage_state = 'won' and entered_amount is not null
),

sides as (
    select
        'promises' as broken,
        due_amount as one_side,
        due_won_amount - changed_amount + due_lost_amount + slipped_amount as other_side
    from accuracy

    union all

    select
        'won' as broken,
        won_amount as one_side,
        0 as other_side
    from accuracy
    where period_kind = 'month'

    union all

    select
        'won' as broken,
        0 as one_side,
        entered_amount as other_side
    from wins
    where left_on is null or left_on > {{ month_end_of('entered_on') }}
),

final as (
    select
        broken,
        sum(one_side) as one_side,
        sum(other_side) as other_side
    from sides
    group by broken
    having sum(one_side) <> sum(other_side)
)

select * from final

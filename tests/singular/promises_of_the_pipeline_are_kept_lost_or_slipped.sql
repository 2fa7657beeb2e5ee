-- What was due is won (at what it was worth before the decision), lost or slipped; what was won in all months is what all opportunities
-- won are worth.
with

accuracy as (
    select * from {{ ref('pipeline_accuracy') }}
),

opportunities as (
    select * from {{ ref('dim_opportunity') }}
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
        amount as other_side
    from opportunities
    where stage_state = 'won' and amount is not null
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

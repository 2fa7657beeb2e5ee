-- Proves that nothing stays behind on the way, also where pools serve each other: in every month each pool and each activity sends
-- out exactly what came in. Returns those that do not.

with

movements as (
    select
        period,
        receiver_kind as place_kind,
        receiver as place,
        amount as received_amount,
        0 as sent_amount
    from {{ ref('fct_cost_allocations') }}
    where direction = 'in' and receiver_kind in ('pool', 'activity')

    union all

    select
        period,
        sender_kind as place_kind,
        sender as place,
        0 as received_amount,
        amount as sent_amount
    from {{ ref('fct_cost_allocations') }}
    where direction = 'out' and sender_kind in ('pool', 'activity')
)

select
    period,
    place_kind,
    place,
    sum(received_amount) as received_amount,
    sum(sent_amount) as sent_amount
from movements
group by
    period,
    place_kind,
    place
having sum(received_amount) <> sum(sent_amount)

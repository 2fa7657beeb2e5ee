-- Proves that nothing stays behind on the way, also where pools serve each other: in every month what came to a pool or an activity from the
-- stages before it is what it sends in the stages after it. The two are different rows, made by different models, so that either can be wrong.
-- Returns the pools and activities that do not balance.

with

movements as (
    select
        period,
        receiver_kind as place_kind,
        receiver as place,
        amount as received_amount,
        0 as sent_amount
    from {{ ref('fct_cost_flows') }}
    where receiver_kind in ('pool', 'activity')

    union all

    select
        period,
        sender_kind as place_kind,
        sender as place,
        0 as received_amount,
        amount as sent_amount
    from {{ ref('fct_cost_flows') }}
    where sender_kind in ('pool', 'activity')
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

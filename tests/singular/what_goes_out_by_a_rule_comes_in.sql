-- Proves that every allocation is a pair: for each month, rule, sender and receiver one row out and one row in of the same
-- amount, so that in = out per rule and month. Returns those for which that does not hold.

select
    period,
    rule_id,
    sender,
    receiver_kind,
    receiver,
    sum(case when direction = 'out' then amount else 0 end) as out_amount,
    sum(case when direction = 'in' then amount else 0 end) as in_amount
from {{ ref('fct_cost_allocations') }}
group by
    period,
    rule_id,
    sender,
    receiver_kind,
    receiver
having
    sum(case when direction = 'out' then 1 else 0 end) <> 1
    or sum(case when direction = 'in' then 1 else 0 end) <> 1
    or sum(case when direction = 'out' then amount else -amount end) <> 0

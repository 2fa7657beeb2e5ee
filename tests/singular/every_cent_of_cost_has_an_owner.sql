-- Proves that the ledger of cost is complete: in every month the cost of the ledger, direct and indirect, is what ends at customers, idle,
-- sustaining and unassigned, to the last decimal, and the flows out of accounts are that cost too. The ledger is read from its own entries, not
-- from the flows. Returns the months in which it is not.

with

both_sides as (
    select
        month as period,
        amount as ledger_amount,
        0 as sent_amount,
        0 as owned_amount
    from {{ ref('fct_ledger_entries') }}
    where waterfall_line in ('indirect_cost', 'cost_of_goods', 'commission', 'payment_fees', 'freight', 'lead_fees')

    union all

    select
        period,
        0 as ledger_amount,
        case when sender_kind = 'account' then amount else 0 end as sent_amount,
        case when receiver_kind in ('customer', 'idle', 'sustaining', 'unassigned') then amount else 0 end as owned_amount
    from {{ ref('fct_cost_flows') }}
)

select
    period,
    sum(ledger_amount) as ledger_amount,
    sum(sent_amount) as sent_amount,
    sum(owned_amount) as owned_amount
from both_sides
group by period
having
    coalesce(sum(ledger_amount), 0) <> sum(sent_amount)
    or coalesce(sum(ledger_amount), 0) <> sum(owned_amount)

-- Proves, to the cent, that the operating result of the reconciliation is that of the ledger: minus the sum of all
-- postings of the month (debits are positive) except those to balance-sheet and non-operating accounts, and those that close the books. A posting whose
-- line the waterfall does not know would be missing from the reconciliation, and shows here. Returns the months in
-- which the two differ.

with

both_sides as (
    select
        month,
        -amount as posted_amount,
        0 as reconciled_amount
    from {{ ref('fct_ledger_entries') }}
    where waterfall_line not in ('none', 'non_operating', 'closing_entries')

    union all

    select
        month,
        0 as posted_amount,
        ledger_amount as reconciled_amount
    from {{ ref('profitability_reconciliation') }}
    where line = 'operating_result'
)

select
    month,
    sum(posted_amount) as posted_amount,
    sum(reconciled_amount) as reconciled_amount
from both_sides
group by month
having coalesce(sum(posted_amount), 0) <> coalesce(sum(reconciled_amount), 0)

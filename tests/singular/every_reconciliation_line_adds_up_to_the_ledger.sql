-- Proves that in every month and on every line of the waterfall customers + unattributed + below the line + difference
-- is the ledger, so that no part of a gap can hide. Returns the lines that do not add up.

select
    month,
    line,
    customers_amount,
    unattributed_amount,
    below_the_line_amount,
    difference_amount,
    ledger_amount
from {{ ref('profitability_reconciliation') }}
where
    line_kind <> 'difference'
    and customers_amount + unattributed_amount + below_the_line_amount + difference_amount <> ledger_amount

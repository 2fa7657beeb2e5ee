-- Proves that the equal-share method neither loses nor invents a cent: in every month the shares of all customers and
-- what the reconciliation keeps below the line are the indirect cost of the ledger; and where anybody was active, less
-- than a cent (of postings with more than two decimals) may be left unshared. Returns the months for which that does
-- not hold.

with

both_sides as (
    select
        month,
        equal_share_cost_amount as shared_amount,
        0 as unshared_amount,
        0 as ledger_amount,
        case when is_ordering then 1 else 0 end as active_count
    from {{ ref('customer_profitability_monthly') }}

    union all

    select
        month,
        0 as shared_amount,
        below_the_line_amount as unshared_amount,
        0 as ledger_amount,
        0 as active_count
    from {{ ref('profitability_reconciliation') }}
    where line = 'indirect_cost'

    union all

    select
        month,
        0 as shared_amount,
        0 as unshared_amount,
        amount as ledger_amount,
        0 as active_count
    from {{ ref('fct_ledger_entries') }}
    where waterfall_line = 'indirect_cost'
),

months as (
    select
        month,
        sum(shared_amount) as shared_amount,
        sum(unshared_amount) as unshared_amount,
        coalesce(sum(ledger_amount), 0) as ledger_amount,
        sum(active_count) as active_count
    from both_sides
    group by month
)

select
    month,
    shared_amount,
    unshared_amount,
    ledger_amount,
    active_count
from months
where
    shared_amount + unshared_amount <> ledger_amount
    or (active_count > 0 and abs(unshared_amount) > 0.005)
    or (active_count = 0 and shared_amount <> 0)

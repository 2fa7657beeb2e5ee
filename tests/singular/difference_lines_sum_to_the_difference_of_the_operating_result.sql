-- Proves that the categories explain the whole difference between the ledger and the customers: in every month the
-- difference lines add up to the difference of the operating result, to the cent. Returns the months in which they do not.

with

months as (
    select
        month,
        sum(case when line_kind = 'difference' then difference_amount else 0 end) as explained_amount,
        sum(case when line = 'operating_result' then difference_amount else 0 end) as operating_result_difference_amount,
        sum(case when line = 'operating_result' then 1 else 0 end) as operating_result_count
    from {{ ref('profitability_reconciliation') }}
    group by month
)

select
    month,
    explained_amount,
    operating_result_difference_amount,
    operating_result_count
from months
where
    explained_amount <> operating_result_difference_amount
    or operating_result_count <> 1

-- Proves that the cost of winning customers is the ledger's, whatever media source and campaign it is shown under: in every month, costs by
-- campaign = what the allocations give to acquisition + the lead fees of the transactions, and both are what profitability_reconciliation
-- has on these lines. Returns the months for which that does not hold.

with

sides as (
    select
        month,
        acquisition_cost_amount as campaign_amount,
        0 as fact_amount,
        0 as reconciliation_amount
    from {{ ref('campaign_performance_monthly') }}

    union all

    select
        period as month,
        0 as campaign_amount,
        amount as fact_amount,
        0 as reconciliation_amount
    from {{ ref('fct_cost_flows') }}
    where receiver = 'acquisition'

    union all

    select
        month,
        0 as campaign_amount,
        coalesce(cost_amount, 0) as fact_amount,
        0 as reconciliation_amount
    from {{ ref('fct_direct_selling_costs') }}
    where cost_kind = 'lead_fees'

    union all

    select
        month,
        0 as campaign_amount,
        0 as fact_amount,
        case line
            when 'acquisition' then below_the_line_amount
            else customers_amount + unattributed_amount
        end as reconciliation_amount
    from {{ ref('profitability_reconciliation') }}
    where line in ('acquisition', 'lead_fees')
)

select
    month,
    sum(campaign_amount) as campaign_amount,
    sum(fact_amount) as fact_amount,
    sum(reconciliation_amount) as reconciliation_amount
from sides
group by month
having
    sum(campaign_amount) <> sum(fact_amount)
    or sum(campaign_amount) <> sum(reconciliation_amount)

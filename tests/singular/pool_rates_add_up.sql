-- Proves that the table of pools can be added up by its reader: own + received is sent to pools + assigned + idle + over-driven +
-- variance + unassigned, and a pool is never both idle and over-driven. Returns the pools and months for which that does not hold.

select
    period,
    pool_id,
    gross_amount,
    sent_to_pools_amount,
    assigned_amount
from {{ ref('fct_cost_pool_rates') }}
where
    gross_amount <> own_amount + received_amount
    or gross_amount <> sent_to_pools_amount + assigned_amount + idle_amount + over_driven_amount + variance_amount + unassigned_amount
    or (idle_amount <> 0 and over_driven_amount <> 0)

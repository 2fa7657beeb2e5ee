-- Proves that who did not order in a month, and the member unattributed, bear no equal share, and that the shares of a
-- month's active customers are equal but for the one cent that a total may leave over. Returns the rows that bear a
-- share without being active, and the months whose shares are further apart.

with

months as (
    select
        month,
        customer_id,
        is_ordering,
        is_unattributed,
        equal_share_cost_amount
    from {{ ref('customer_profitability_monthly') }}
),

spread as (
    select
        month,
        max(equal_share_cost_amount) - min(equal_share_cost_amount) as share_spread_amount
    from months
    where is_ordering
    group by month
)

select
    month,
    customer_id,
    equal_share_cost_amount as wrong_amount
from months
where (is_unattributed or not is_ordering) and equal_share_cost_amount <> 0

union all

select
    month,
    cast(null as {{ dbt.type_string() }}) as customer_id,
    share_spread_amount as wrong_amount
from spread
where share_spread_amount > 0.01

-- Proves the shape of every curve: positions are 1 to n without a gap, profits never rise along it, its last point is the total and
-- its highest the sum of all gains. Returns the curves and customers that break it.

with

curve as (
    select
        *,
        lag(customer_profit_amount) over (partition by scope, period order by curve_position) as profit_before,
        max(cumulative_profit_amount) over (partition by scope, period) as highest_amount,
        row_number() over (partition by scope, period order by curve_position) as place
    from {{ ref('whale_curve') }}
)

select
    scope,
    period,
    customer_id
from curve
where
    curve_position <> place
    or customer_profit_amount > profit_before
    or (curve_position = customer_count and cumulative_profit_amount <> total_profit_amount)
    -- Without any gain the first point is the highest, and lies below zero.
    or (peak_profit_amount > 0 and highest_amount <> peak_profit_amount)

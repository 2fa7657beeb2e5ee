-- Proves that profit_stability has every member of customer_profitability once, with the same profit by both methods, and that the
-- profit lies between the lowest and the highest. Returns each customer for whom one of the two is not so.

with

profitability as (
    select
        customer_id,
        customer_profit_amount,
        equal_share_profit_amount
    from {{ ref('customer_profitability') }}
),

stability as (
    select
        customer_id,
        customer_profit_amount,
        equal_share_profit_amount,
        lowest_profit_amount,
        highest_profit_amount
    from {{ ref('profit_stability') }}
),

joined as (
    select
        coalesce(profitability.customer_id, stability.customer_id) as customer_id,
        profitability.customer_profit_amount,
        profitability.equal_share_profit_amount,
        stability.customer_profit_amount as stability_profit_amount,
        stability.equal_share_profit_amount as stability_equal_share_profit_amount,
        stability.lowest_profit_amount,
        stability.highest_profit_amount
    from profitability
    full outer join stability
        on profitability.customer_id = stability.customer_id
)

select *
from joined
where
    coalesce(customer_profit_amount <> stability_profit_amount, true)
    or coalesce(equal_share_profit_amount <> stability_equal_share_profit_amount, true)
    or coalesce(customer_profit_amount < lowest_profit_amount, true)
    or coalesce(customer_profit_amount > highest_profit_amount, true)

-- Proves that the months of customers and the monthly mart agree: who ordered in a month according to the one did so according to the
-- other, with as many orders, and its row bears the segment of that month. Returns the customers and months that differ.

with

judged as (
    select
        judged.customer_id,
        judged.month,
        months.order_count,
        judged.segment_id,
        judged.profit_tier
    from {{ ref('customer_segments') }} as judged
    inner join {{ ref('int_customers__months') }} as months
        on judged.customer_id = months.customer_id
        and judged.month = months.month
),

earned as (
    select
        customer_id,
        month,
        order_count,
        segment_id,
        profit_tier
    from {{ ref('customer_profitability_monthly') }}
    where not is_unattributed
)

select
    coalesce(judged.customer_id, earned.customer_id) as customer_id,
    coalesce(judged.month, earned.month) as month
from judged
full outer join earned
    on judged.customer_id = earned.customer_id
    and judged.month = earned.month
where
    (coalesce(judged.order_count, 0) <> coalesce(earned.order_count, 0))
    or (judged.customer_id is not null and earned.customer_id is not null and judged.segment_id <> earned.segment_id)
    or (judged.customer_id is not null and earned.customer_id is not null and judged.profit_tier <> earned.profit_tier)

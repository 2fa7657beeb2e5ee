-- Of those who lose money, who does so by either method and under every time estimate, and what does the verdict on the others hang on?
-- Customers and their loss by verdict, and for those who depend by what it depends on.

with

losses as (
    select
        customer_id,
        stability,
        coalesce(depends_on, '') as depends_on,
        customer_profit_amount,
        lowest_profit_amount,
        highest_profit_amount
    from {{ ref('profit_stability') }}
    where is_loss and not is_unattributed
),

totals as (
    select
        count(*) as loss_count,
        sum(customer_profit_amount) as loss_amount
    from losses
)

select
    losses.stability,
    losses.depends_on,
    count(*) as customer_count,
    round(cast(count(*) as double) / nullif(max(totals.loss_count), 0), 3) as customer_share,
    sum(losses.customer_profit_amount) as loss_amount,
    round(cast(sum(losses.customer_profit_amount) as double) / nullif(cast(max(totals.loss_amount) as double), 0), 3) as loss_share,
    sum(losses.lowest_profit_amount) as lowest_amount,
    sum(losses.highest_profit_amount) as highest_amount
from losses
cross join totals
group by
    losses.stability,
    losses.depends_on
order by
    losses.stability desc,
    customer_count desc,
    losses.depends_on asc

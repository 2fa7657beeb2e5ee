-- Proves that the whale curve and customer_profitability are one number: every known customer with a transaction stands on the curve of all
-- customers and of all time once, with the profit, revenue and rank of customer_profitability; likewise the last twelve
-- months. Returns the customers that differ.

with

totals as (
    select
        customer_id,
        is_unattributed,
        profit_rank,
        net_revenue_amount,
        customer_profit_amount,
        last_12m_net_revenue_amount,
        last_12m_customer_profit_amount
    from {{ ref('customer_profitability') }}
),

ranked as (
    select * from totals
    where profit_rank is not null
),

known as (
    select * from totals
    where not is_unattributed
),

curve as (
    select
        period,
        customer_id,
        profit_rank,
        net_revenue_amount,
        customer_profit_amount
    from {{ ref('whale_curve') }}
    where scope = 'all'
),

curve_of_all_time as (
    select * from curve
    where period = 'all'
),

curve_of_twelve_months as (
    select * from curve
    where period = 'last_12m'
),

of_all_time as (
    select
        'all' as period,
        coalesce(ranked.customer_id, curve_of_all_time.customer_id) as customer_id
    from ranked
    full outer join curve_of_all_time
        on ranked.customer_id = curve_of_all_time.customer_id
    where
        ranked.customer_id is null
        or curve_of_all_time.customer_id is null
        or ranked.is_unattributed
        or ranked.profit_rank <> curve_of_all_time.profit_rank
        or ranked.net_revenue_amount <> curve_of_all_time.net_revenue_amount
        or ranked.customer_profit_amount <> curve_of_all_time.customer_profit_amount
),

-- A customer without a transaction in the window is not on the curve and has nothing.
of_the_last_twelve_months as (
    select
        'last_12m' as period,
        coalesce(known.customer_id, curve_of_twelve_months.customer_id) as customer_id
    from known
    full outer join curve_of_twelve_months
        on known.customer_id = curve_of_twelve_months.customer_id
    where
        known.customer_id is null
        or known.last_12m_net_revenue_amount <> coalesce(curve_of_twelve_months.net_revenue_amount, 0)
        or known.last_12m_customer_profit_amount <> coalesce(curve_of_twelve_months.customer_profit_amount, 0)
)

select * from of_all_time

union all

select * from of_the_last_twelve_months

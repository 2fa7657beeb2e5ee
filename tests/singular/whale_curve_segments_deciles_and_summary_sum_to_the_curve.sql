-- Proves that the curves of the segments hold every customer of the curve of all customers once, and that deciles and summary hold all
-- its money: per period, the profit, revenue and customers of the curve of all, of the segments together, of the deciles and of
-- the summary are the same. Returns the periods and places that differ.

with

curve as (
    select
        period,
        scope,
        cast(1 as bigint) as customer_count,
        net_revenue_amount,
        customer_profit_amount,
        case when customer_profit_amount < 0 then -customer_profit_amount else 0 end as loss_amount
    from {{ ref('whale_curve') }}
),

deciles as (
    select
        period,
        scope,
        customer_count,
        net_revenue_amount,
        customer_profit_amount,
        loss_amount + after_effect_loss_amount as loss_amount
    from {{ ref('whale_curve_deciles') }}
),

summary as (
    select
        period,
        scope,
        customer_count,
        net_revenue_amount,
        peak_profit_amount - loss_amount - after_effect_loss_amount as customer_profit_amount,
        loss_amount + after_effect_loss_amount as loss_amount
    from {{ ref('whale_curve_summary') }}
),

places as (
    select
        'curve' as place,
        curve.*
    from curve

    union all

    select
        'deciles' as place,
        deciles.*
    from deciles

    union all

    select
        'summary' as place,
        summary.*
    from summary
),

summed as (
    select
        period,
        place,
        case when scope = 'all' then 'all' else 'segments' end as side,
        sum(customer_count) as customer_count,
        sum(net_revenue_amount) as net_revenue_amount,
        sum(customer_profit_amount) as customer_profit_amount,
        sum(loss_amount) as loss_amount
    from places
    group by
        period,
        place,
        case when scope = 'all' then 'all' else 'segments' end
),

expected as (
    select * from summed
    where
        place = 'curve'
        and side = 'all'
)

select
    expected.period,
    found.place,
    found.side
from expected
left join summed as found
    on expected.period = found.period
where
    expected.customer_count <> found.customer_count
    or expected.net_revenue_amount <> found.net_revenue_amount
    or expected.customer_profit_amount <> found.customer_profit_amount
    or expected.loss_amount <> found.loss_amount

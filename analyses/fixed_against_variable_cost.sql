-- How much of a customer's cost comes with its orders, and how much with the customer itself? By segment and kind of customer,
-- over the last twelve months. A segment whose margin after variable cost is eaten by fixed cost needs other service, not
-- other prices. Whose loss is only what last year's orders still cost is counted apart: by the day of the order there is none.

with

customers as (
    select * from {{ ref('customer_profitability') }}
),

segments as (
    select
        segment_id,
        segment_name,
        segment_order
    from {{ ref('segments') }}
),

curve as (
    select
        customer_id,
        is_only_after_effects,
        order_date_profit_amount
    from {{ ref('whale_curve') }}
    where
        scope = 'all'
        and period = 'last_12m'
),

final as (
    select
        segments.segment_order,
        segments.segment_name,
        customers.customer_kind,
        count(*) as customer_count,
        sum(customers.last_12m_net_revenue_amount) as net_revenue_amount,
        sum(customers.last_12m_variable_cost_amount) as variable_cost_amount,
        sum(customers.last_12m_net_revenue_amount - customers.last_12m_variable_cost_amount) as margin_after_variable_cost_amount,
        sum(customers.last_12m_fixed_cost_amount) as fixed_cost_amount,
        sum(customers.last_12m_customer_profit_amount) as customer_profit_amount,
        sum(curve.order_date_profit_amount) as order_date_profit_amount,
        sum(case when curve.is_only_after_effects then 1 else 0 end) as only_after_effects_count
    from customers
    inner join segments
        on customers.segment_id = segments.segment_id
    left join curve
        on customers.customer_id = curve.customer_id
    group by
        segments.segment_order,
        segments.segment_name,
        customers.customer_kind
)

select
    *,
    {{ ratio('fixed_cost_amount', 'customer_count') }} as fixed_cost_per_customer
from final
order by
    segment_order,
    customer_kind

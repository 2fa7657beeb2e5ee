-- Proves, from the marts alone, that no row of next_best_actions contradicts its rule: a product group that is offered was never bought,
-- prices are changed only where the loss is stable, orders are moved away from a dear channel only, who is asked or offered something is
-- active, who is won back is not, who is approached never bought, and no action is below the minimum of its rule. Returns the rows that do.

with

actions as (
    select * from {{ ref('next_best_actions') }}
),

rules as (
    select * from {{ ref('action_rules') }}
),

customers as (
    select * from {{ ref('action_customers') }}
),

purchases as (
    select distinct
        order_lines.customer_id,
        products.product_group
    from {{ ref('fct_order_lines') }} as order_lines
    inner join {{ ref('dim_product') }} as products
        on order_lines.product_id = products.product_id
    cross join {{ ref('int_calendar__as_of') }} as calendar
    where order_lines.month <= calendar.as_of_month
),

stability as (
    select * from {{ ref('profit_stability') }}
)

select
    actions.action_id,
    actions.action,
    actions.customer_id,
    actions.action_target
from actions
inner join rules
    on actions.rule_id = rules.rule_id
left join customers
    on actions.customer_id = customers.customer_id
left join purchases
    on actions.customer_id = purchases.customer_id
    and actions.action_target = purchases.product_group
left join stability
    on actions.customer_id = stability.customer_id
where
    actions.expected_margin_amount < rules.minimum_expected_margin_amount
    or not rules.is_active
    or (actions.action = 'cross_sell' and purchases.customer_id is not null)
    or (actions.action = 'reprice' and (stability.stability <> 'stable' or not stability.is_loss))
    or (actions.action = 'move_channel' and actions.evidence_rate <= 0)
    or (actions.action = 'approach_prospect') <> (customers.customer_id is null)
    or (actions.action = 'approach_prospect') <> (actions.lead_id is not null)
    or (actions.action = 'win_back' and customers.status not in ('lapsed', 'churned'))
    or (actions.action not in ('win_back', 'approach_prospect') and customers.status <> 'active')

-- Proves that every row of the monthly mart can be added up by its reader: each subtotal is the line above it less
-- the deductions between the two, and direct selling cost is the sum of its kinds. Returns the rows that do not.

select
    customer_id,
    month
from {{ ref('customer_profitability_monthly') }}
where
    net_revenue_amount <> gross_sales_amount - discount_amount - rebate_amount - return_amount
    or gross_margin_amount <> net_revenue_amount - cost_of_goods_amount
    or direct_selling_cost_amount <> commission_amount + payment_fee_amount + freight_amount + lead_fee_amount
    or contribution_margin_amount <> gross_margin_amount - direct_selling_cost_amount
    or equal_share_profit_amount <> contribution_margin_amount - equal_share_cost_amount
    or customer_margin_amount <> contribution_margin_amount - cost_to_serve_amount
    or customer_profit_amount <> customer_margin_amount - sustaining_cost_amount

select
    customer_id || '-' || strftime(purchased_on, '%Y%m%d') || '-' || number_of_day as order_line_id,
    customer_id || '-' || strftime(purchased_on, '%Y%m%d') || '-' || number_of_day as order_id,
    'cds' as product_id,
    -- The price of a single CD is unknown, and the amount divided by their number would not multiply back to it.
    1 as quantity,
    amount as unit_list_price,
    unit_count as x_unit_count
from purchases

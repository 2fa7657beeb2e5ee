select
    line_id as order_line_id,
    invoice_id as order_id,
    product_id,
    quantity,
    unit_price as unit_list_price,
    is_exact_duplicate as x_is_exact_duplicate
from invoice_lines
where line_kind = 'sale'

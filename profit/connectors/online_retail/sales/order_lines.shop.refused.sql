select
    row_number() over (order by line_id) as _line,
    'line_kind' as column_name,
    'no sale: nobody buys and nothing is charged on the whole invoice; a movement of stock' as reason,
    to_json(struct_pack(
        invoice_id := invoice_id,
        product_id := product_id,
        description := description,
        quantity := quantity,
        invoiced_at := invoiced_at
    )) as content
from invoice_lines
where line_kind = 'stock'

select
    invoice_lines.line_id as return_id,
    invoice_lines.customer_id,
    returned_lines.sold_invoice_id as order_id,
    returned_lines.sold_line_id as order_line_id,
    invoice_lines.product_id,
    invoice_lines.quantity,
    invoice_lines.quantity * invoice_lines.unit_price as refund_amount,
    invoice_lines.invoiced_at as returned_at,
    'web' as channel,
    -- What is booked under a code that is no article says itself why it is credited.
    case when fees.product_id is not null then lower(invoice_lines.description) else 'cancellation' end as reason,
    invoice_lines.is_exact_duplicate as x_is_exact_duplicate
from invoice_lines
left join returned_lines on invoice_lines.line_id = returned_lines.line_id
left join fees on invoice_lines.product_id = fees.product_id
where invoice_lines.line_kind = 'credit'

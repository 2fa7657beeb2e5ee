-- The lines of 43 invoices bear two times, a minute apart.
select
    invoice_id as order_id,
    any_value(customer_id) as customer_id,
    min(invoiced_at) as ordered_at,
    'web' as channel,
    any_value(country) as territory_id
from invoice_lines
where line_kind = 'sale'
group by invoice_id

-- The line that brought what a credit takes back. A credit names no invoice, so it is the newest earlier line of the same
-- customer, article and price that sold at least as many units, as long as all credits on that line together do not take
-- back more than it sold. Credits without such a line, and all without a customer, stay without their order.
with credits as (
    select
        line_id,
        invoice_id,
        customer_id,
        product_id,
        unit_price,
        quantity,
        invoiced_at
    from invoice_lines
    where line_kind = 'credit' and customer_id is not null
),

sales as (
    select
        line_id,
        invoice_id,
        customer_id,
        product_id,
        unit_price,
        quantity,
        invoiced_at
    from invoice_lines
    where line_kind = 'sale' and customer_id is not null
),

candidates as (
    select
        credits.line_id,
        credits.quantity,
        credits.invoiced_at,
        sales.line_id as sold_line_id,
        sales.invoice_id as sold_invoice_id,
        sales.quantity as sold_quantity,
        row_number() over (
            partition by credits.line_id
            order by sales.invoiced_at desc, sales.line_id desc
        ) as candidate_rank
    from credits
    inner join sales
        on credits.customer_id = sales.customer_id
        and credits.product_id = sales.product_id
        and credits.unit_price = sales.unit_price
        and credits.quantity <= sales.quantity
        and credits.invoiced_at >= sales.invoiced_at
),

taken_back as (
    select
        *,
        sum(quantity) over (
            partition by sold_line_id
            order by invoiced_at, line_id
            rows between unbounded preceding and current row
        ) as quantity_taken_back
    from candidates
    where candidate_rank = 1
)

select
    line_id,
    sold_line_id,
    sold_invoice_id
from taken_back
where quantity_taken_back <= sold_quantity

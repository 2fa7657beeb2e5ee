-- Every row of the file, numbered and sorted into what it is. The file numbers no lines: within an invoice they are
-- numbered by their content, so that rows which are equal in every column are the only ones whose order does not matter.
with typed as (
    select
        InvoiceNo as invoice_id,
        -- The same article is written with a small and a capital letter, 85123a and 85123A.
        upper(trim(StockCode)) as product_id,
        nullif(trim(Description), '') as description,
        cast(Quantity as decimal(18, 4)) as quantity,
        -- The digits of the double, with more decimals than a refund keeps: landing refuses what it would have to round.
        cast(cast(UnitPrice as varchar) as decimal(18, 8)) as unit_price,
        -- The clock of a British shop; the contract's is UTC.
        timezone('UTC', timezone('Europe/London', InvoiceDate)) as invoiced_at,
        cast(cast(CustomerID as bigint) as varchar) as customer_id,
        nullif(trim(Country), '') as country
    from online_retail
),

numbered as (
    select
        *,
        row_number() over (
            partition by invoice_id
            order by product_id, quantity, unit_price, description, invoiced_at, customer_id, country
        ) as line_number,
        max(abs(unit_price)) over (partition by invoice_id) > 0 as is_priced_invoice
    from typed
)

select
    invoice_id,
    line_number,
    invoice_id || '-' || lpad(cast(line_number as varchar), 4, '0') as line_id,
    line_number > min(line_number) over (
        partition by invoice_id, product_id, quantity, unit_price, description, invoiced_at, customer_id, country
    ) as is_exact_duplicate,
    product_id,
    description,
    abs(quantity) as quantity,
    abs(unit_price) as unit_price,
    invoiced_at,
    customer_id,
    country,
    case
        -- Nobody buys and nothing is charged on the whole invoice: stock found, counted, damaged or thrown away.
        when not is_priced_invoice and customer_id is null then 'stock'
        when quantity < 0 or unit_price < 0 then 'credit'
        else 'sale'
    end as line_kind
from numbered

-- Of a customer the file knows a number and a country; who moved is where the newest invoice went.
with invoices as (
    select
        customer_id,
        country,
        row_number() over (
            partition by customer_id
            order by invoiced_at desc, line_id desc
        ) as newness_rank
    from invoice_lines
    where customer_id is not null
)

select
    invoices.customer_id,
    countries.country_code,
    invoices.country as territory_id
from invoices
left join countries on invoices.country = countries.country
where invoices.newness_rank = 1

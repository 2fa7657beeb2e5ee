-- An article has the description under which most of its lines were sold; notes on stock are no names.
with described as (
    select
        product_id,
        description,
        row_number() over (
            partition by product_id
            order by (description is null), count(*) desc, description
        ) as description_rank
    from invoice_lines
    where line_kind <> 'stock'
    group by product_id, description
)

select
    described.product_id,
    described.description as product_name,
    fees.product_group,
    fees.product_category,
    coalesce(fees.product_kind, 'goods') as product_kind
from described
left join fees on described.product_id = fees.product_id
where described.description_rank = 1

select
    'cds' as product_id,
    'CDs of one purchase' as product_name,
    'CDs' as product_group,
    'Music' as product_category,
    'goods' as product_kind,
    'USD' as currency_code

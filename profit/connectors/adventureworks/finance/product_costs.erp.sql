with orders as (
    select OrderDate as ordered_at from dw.FactInternetSales
    union all
    select OrderDate as ordered_at from dw.FactResellerSales
),

first_order as (
    select cast(min(ordered_at) as date) as ordered_on
    from orders
)

select
    cast(DimProduct.ProductKey as varchar) as product_id,
    'erp' as product_source_system,
    -- A product key has one cost for all time; the product's own dates begin after its first sales and end before they begin.
    first_order.ordered_on as valid_from,
    DimProduct.StandardCost as unit_cost_amount,
    'USD' as currency_code
from dw.DimProduct
cross join first_order
where DimProduct.StandardCost is not null

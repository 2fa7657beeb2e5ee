select
    Sales.SalesOrderNumber || '-' || Sales.SalesOrderLineNumber as order_line_id,
    Sales.SalesOrderNumber as order_id,
    cast(Sales.ProductKey as varchar) as product_id,
    'erp' as product_source_system,
    Sales.OrderQuantity as quantity,
    Sales.UnitPrice as unit_list_price,
    -- The source's DiscountAmount is a double that is off by .0001 on 378 lines; this difference is exact.
    Sales.ExtendedAmount - Sales.SalesAmount as discount_amount,
    Sales.TaxAmt as tax_amount,
    -- Promotion 1 is called 'No Discount'.
    nullif(cast(Sales.PromotionKey as varchar), '1') as promotion_id,
    cast(Sales.Freight as decimal(18, 4)) as x_freight_charged_amount,
    DimProduct.ProductAlternateKey as x_product_number
from dw.FactResellerSales as Sales
left join dw.DimProduct on Sales.ProductKey = DimProduct.ProductKey

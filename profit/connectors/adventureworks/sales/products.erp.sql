select
    cast(DimProduct.ProductKey as varchar) as product_id,
    DimProduct.EnglishProductName as product_name,
    DimProductSubcategory.EnglishProductSubcategoryName as product_group,
    DimProductCategory.EnglishProductCategoryName as product_category,
    'goods' as product_kind,
    DimProduct.ListPrice as unit_list_price,
    'USD' as currency_code,
    DimProduct.ProductAlternateKey as x_product_number,
    DimProduct.ModelName as x_model_name,
    DimProduct.FinishedGoodsFlag as x_is_finished_good,
    cast(DimProduct.DealerPrice as decimal(18, 4)) as x_dealer_price_amount
from dw.DimProduct
left join dw.DimProductSubcategory on DimProduct.ProductSubcategoryKey = DimProductSubcategory.ProductSubcategoryKey
left join dw.DimProductCategory on DimProductSubcategory.ProductCategoryKey = DimProductCategory.ProductCategoryKey

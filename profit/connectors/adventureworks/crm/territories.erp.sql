with countries as (
    select distinct
        EnglishCountryRegionName as country,
        CountryRegionCode as country_code
    from dw.DimGeography
)

select
    cast(DimSalesTerritory.SalesTerritoryKey as varchar) as territory_id,
    DimSalesTerritory.SalesTerritoryRegion as territory_name,
    DimSalesTerritory.SalesTerritoryGroup as region,
    countries.country_code
from dw.DimSalesTerritory
left join countries on DimSalesTerritory.SalesTerritoryCountry = countries.country
-- Number 0 is the warehouse's own 'not applicable'.
where DimSalesTerritory.SalesTerritoryAlternateKey <> 0

select
    GeographyKey as geography_key,
    PostalCode as postal_code,
    City as city,
    StateProvinceName as region,
    CountryRegionCode as country_code,
    cast(SalesTerritoryKey as varchar) as territory_id
from dw.DimGeography

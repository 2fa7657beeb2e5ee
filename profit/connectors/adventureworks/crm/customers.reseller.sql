with stores as (
    select
        Customer.AccountNumber as account_number,
        Store.SalesPersonID as sales_rep_id
    from oltp.Customer
    inner join oltp.Store on Customer.StoreID = Store.BusinessEntityID
    where Customer.PersonID is null
)

select
    DimReseller.ResellerAlternateKey as customer_id,
    'organisation' as customer_kind,
    DimReseller.ResellerName as organisation_name,
    DimReseller.Phone as phone,
    concat_ws(', ', DimReseller.AddressLine1, DimReseller.AddressLine2) as address_line,
    places.postal_code,
    places.city,
    places.region,
    places.country_code,
    DimReseller.BusinessType as industry,
    case
        when DimReseller.NumberEmployees < 10 then '1 to 9 employees'
        when DimReseller.NumberEmployees < 20 then '10 to 19 employees'
        when DimReseller.NumberEmployees < 50 then '20 to 49 employees'
        when DimReseller.NumberEmployees >= 50 then 'from 50 employees'
    end as size_class,
    places.territory_id,
    stores.sales_rep_id,
    DimReseller.ProductLine as x_product_line,
    cast(DimReseller.YearOpened as bigint) as x_opened_year,
    cast(DimReseller.AnnualRevenue as decimal(18, 4)) as x_annual_revenue_amount
from dw.DimReseller
left join places on DimReseller.GeographyKey = places.geography_key
left join stores on DimReseller.ResellerAlternateKey = stores.account_number

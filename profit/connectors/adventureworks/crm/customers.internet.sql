select
    DimCustomer.CustomerAlternateKey as customer_id,
    'person' as customer_kind,
    DimCustomer.FirstName as first_name,
    DimCustomer.LastName as last_name,
    DimCustomer.BirthDate as birth_date,
    DimCustomer.EmailAddress as email,
    DimCustomer.Phone as phone,
    concat_ws(', ', DimCustomer.AddressLine1, DimCustomer.AddressLine2) as address_line,
    places.postal_code,
    places.city,
    places.region,
    places.country_code,
    DimCustomer.EnglishOccupation as industry,
    -- Yearly household income in US dollars; the source knows it in steps of 10,000.
    case
        when DimCustomer.YearlyIncome <= 30000 then 'income to 30,000'
        when DimCustomer.YearlyIncome <= 60000 then 'income 40,000 to 60,000'
        when DimCustomer.YearlyIncome <= 90000 then 'income 70,000 to 90,000'
        when DimCustomer.YearlyIncome >= 100000 then 'income from 100,000'
    end as size_class,
    places.territory_id,
    DimCustomer.EnglishEducation as x_education,
    DimCustomer.CommuteDistance as x_commute_distance,
    cast(DimCustomer.TotalChildren as bigint) as x_child_count,
    cast(DimCustomer.NumberCarsOwned as bigint) as x_car_count,
    DimCustomer.HouseOwnerFlag = '1' as x_is_home_owner
from dw.DimCustomer
left join places on DimCustomer.GeographyKey = places.geography_key

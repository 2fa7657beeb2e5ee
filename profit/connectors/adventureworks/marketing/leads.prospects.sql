select
    cast(ProspectiveBuyerKey as varchar) as lead_id,
    FirstName as first_name,
    LastName as last_name,
    EmailAddress as email,
    Phone as phone,
    concat_ws(', ', AddressLine1, AddressLine2) as address_line,
    PostalCode as postal_code,
    City as city,
    StateProvinceCode as region,
    -- The file has no country; every region in it is one of the United States.
    'US' as country_code,
    Occupation as industry,
    -- Not unique in the source, therefore not the key.
    ProspectAlternateKey as x_prospect_number
from dw.ProspectiveBuyer

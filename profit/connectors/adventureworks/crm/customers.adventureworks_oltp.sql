select
    Customer.AccountNumber as customer_id,
    'person' as customer_kind,
    EmailAddress.EmailAddress as email,
    PersonPhone.PhoneNumber as phone,
    Customer.TerritoryID as territory_id
from oltp.Customer
left join oltp.EmailAddress on Customer.PersonID = EmailAddress.BusinessEntityID
left join oltp.PersonPhone on Customer.PersonID = PersonPhone.BusinessEntityID
-- An account with a store is a reseller or one of its buyers.
where Customer.PersonID is not null and Customer.StoreID is null

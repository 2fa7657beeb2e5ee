-- The warehouse numbers sales people by EmployeeKey, the database by BusinessEntityID, and DimEmployee, which holds both,
-- is not published with these files. The series of quarterly quotas of each person is in both, and no two are alike.
with warehouse_quotas as (
    select
        EmployeeKey as employee_key,
        list(cast(SalesAmountQuota as bigint) order by DateKey) as quotas
    from dw.FactSalesQuota
    group by EmployeeKey
),

database_quotas as (
    select
        BusinessEntityID as sales_rep_id,
        list(cast(SalesQuota as bigint) order by QuotaDate) as quotas
    from oltp.SalesPersonQuotaHistory
    group by BusinessEntityID
)

select
    warehouse_quotas.employee_key,
    database_quotas.sales_rep_id
from warehouse_quotas
inner join database_quotas on warehouse_quotas.quotas = database_quotas.quotas

with staff as (
    select
        SalesPerson.BusinessEntityID as sales_rep_id,
        SalesPerson.TerritoryID as territory_id,
        Employee.JobTitle as job_title,
        cast(SalesPerson.CommissionPct as decimal(18, 4)) as commission_rate,
        cast(Employee.HireDate as date) as hired_on,
        cast(Employee.OrganizationLevel as bigint) as organisation_level,
        -- The binary form of SQL Server's hierarchyid: a subordinate's bits begin with those of the superior.
        rtrim(cast(cast(unhex(Employee.OrganizationNode) as bit) as varchar), '0') as node_bits
    from oltp.SalesPerson
    inner join oltp.Employee on SalesPerson.BusinessEntityID = Employee.BusinessEntityID
)

select
    staff.sales_rep_id,
    staff.job_title as role,
    staff.territory_id,
    managers.sales_rep_id as manager_sales_rep_id,
    -- The calendar of the database runs 153 days ahead of the warehouse's, whose orders this day is compared with.
    staff.hired_on - 153 as hired_on,
    sales_people.employee_key as x_employee_key,
    staff.commission_rate as x_commission_rate
from staff
left join staff as managers
    on staff.organisation_level = managers.organisation_level + 1
    and starts_with(staff.node_bits, managers.node_bits)
left join sales_people on staff.sales_rep_id = sales_people.sales_rep_id

-- Balance-sheet and statistical accounts hold balances and counts at a day, not movements: they are no postings.
select
    cast(FactFinance.FinanceKey as varchar) as finance_key,
    DimScenario.ScenarioName as scenario,
    cast(DimAccount.AccountCodeAlternateKey as varchar) as account_id,
    DimAccount.AccountType as account_type,
    cast(FactFinance.Date as date) as posted_on,
    FactFinance.Amount as amount,
    DimDepartmentGroup.DepartmentGroupName as department,
    DimOrganization.OrganizationName as organisation
from dw.FactFinance
inner join dw.DimScenario on FactFinance.ScenarioKey = DimScenario.ScenarioKey
inner join dw.DimAccount on FactFinance.AccountKey = DimAccount.AccountKey
inner join dw.DimDepartmentGroup on FactFinance.DepartmentGroupKey = DimDepartmentGroup.DepartmentGroupKey
inner join dw.DimOrganization on FactFinance.OrganizationKey = DimOrganization.OrganizationKey
where DimAccount.AccountType in ('Revenue', 'Expenditures')

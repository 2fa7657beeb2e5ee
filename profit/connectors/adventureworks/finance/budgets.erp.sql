with account_budgets as (
    select
        'account-' || finance_key as budget_id,
        'budget' as scenario,
        cast(date_trunc('month', posted_on) as date) as budget_month,
        account_id,
        department,
        null as sales_rep_id,
        amount,
        organisation as x_organisation
    from profit_and_loss
    where scenario = 'Budget'
),

quotas as (
    select
        'quota-' || FactSalesQuota.SalesQuotaKey as budget_id,
        'quota' as scenario,
        -- A quota is dated at the turn of a quarter, mostly some days before the quarter that it is for.
        cast(date_trunc('quarter', FactSalesQuota.Date + interval 4 day) as date) as budget_month,
        null as account_id,
        null as department,
        sales_people.sales_rep_id,
        FactSalesQuota.SalesAmountQuota as amount,
        null as x_organisation
    from dw.FactSalesQuota
    left join sales_people on FactSalesQuota.EmployeeKey = sales_people.employee_key
)

select
    budget_id,
    scenario,
    budget_month,
    account_id,
    department,
    sales_rep_id,
    amount,
    'USD' as currency_code,
    x_organisation
from account_budgets
union all
select
    budget_id,
    scenario,
    budget_month,
    account_id,
    department,
    sales_rep_id,
    amount,
    'USD' as currency_code,
    x_organisation
from quotas

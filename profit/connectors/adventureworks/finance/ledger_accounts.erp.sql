with recursive branches as (
    select
        AccountKey as account_key,
        AccountCodeAlternateKey as branch
    from dw.DimAccount
    where AccountCodeAlternateKey in (60, 80, 300, 8500)
    union all
    select
        DimAccount.AccountKey as account_key,
        branches.branch
    from dw.DimAccount
    inner join branches on DimAccount.ParentAccountKey = branches.account_key
),

summing_accounts as (
    select distinct ParentAccountKey as account_key
    from dw.DimAccount
)

select
    cast(DimAccount.AccountCodeAlternateKey as varchar) as account_id,
    DimAccount.AccountDescription as account_name,
    case
        when branches.branch = 300 then 'equity'
        when DimAccount.AccountType = 'Assets' then 'asset'
        when DimAccount.AccountType = 'Liabilities' then 'liability'
        when DimAccount.AccountType = 'Revenue' then 'revenue'
        when DimAccount.AccountType = 'Expenditures' then 'expense'
        when DimAccount.AccountType in ('Balances', 'Flow', 'Statistical') then 'statistical'
    end as account_type,
    -- Account 1, 'Balance Sheet', heads assets and liabilities alike, has no type, and is left out.
    nullif(cast(DimAccount.ParentAccountCodeAlternateKey as varchar), '1') as parent_account_id,
    case
        when summing_accounts.account_key is not null then null
        when DimAccount.AccountCodeAlternateKey = 4200 then 'gross_sales'
        when DimAccount.AccountCodeAlternateKey = 4500 then 'other_operating'
        when DimAccount.AccountCodeAlternateKey = 4130 then 'returns'
        when DimAccount.AccountCodeAlternateKey = 4140 then 'discounts'
        when DimAccount.AccountCodeAlternateKey = 5020 then 'cost_of_goods'
        when DimAccount.AccountCodeAlternateKey = 5050 then 'cost_variance'
        when DimAccount.AccountCodeAlternateKey = 6100 then 'commission'
        when branches.branch = 60 then 'indirect_cost'
        when branches.branch in (80, 8500) then 'non_operating'
    end as waterfall_line
from dw.DimAccount
left join branches on DimAccount.AccountKey = branches.account_key
left join summing_accounts on DimAccount.AccountKey = summing_accounts.account_key
where DimAccount.AccountType is not null

select
    finance_key as ledger_entry_id,
    account_id,
    posted_on,
    -- The source states revenue and expense alike as positive numbers.
    case when account_type = 'Revenue' then -amount else amount end as amount,
    'USD' as currency_code,
    organisation as cost_centre,
    department
from profit_and_loss
where scenario = 'Actual'

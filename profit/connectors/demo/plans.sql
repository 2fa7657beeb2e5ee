-- Plans: the year's average for each account, and quotas for each representative who sold.
create table final_budgets as
with months as (
    select
        range as place,
        month_of(range) as budget_month
    from range(last_delivery() + 1)
),

account_totals as (
    select
        accounts.n,
        accounts.account_id,
        nullif(accounts.department, '') as department,
        sum(entries.amount) as total
    from final_ledger_entries as entries
    inner join accounts on entries.account_id = accounts.account_id
    where accounts.waterfall_line <> ''
    group by all
),

rep_totals as (
    select
        orders.rep,
        keys.sales_rep_id,
        sum(lines.gross_amount - lines.discount_amount) as total
    from valued_lines as lines
    inner join raw_orders as orders on lines.order_n = orders.n
    inner join rep_keys as keys on orders.rep = keys.rep
    group by all
),

plans as (
    select
        'budget' as scenario,
        months.budget_month,
        totals.account_id,
        totals.department,
        cast(null as varchar) as sales_rep_id,
        abs(totals.total) / (last_delivery() + 1) * noise.factor as amount
    from account_totals as totals
    cross join months
    inner join plan_noise as noise on (totals.n * 7 + months.place) % 200 = noise.n
    union all
    select
        'quota' as scenario,
        months.budget_month,
        cast(null as varchar) as account_id,
        'Sales' as department,
        totals.sales_rep_id,
        totals.total / (last_delivery() + 1) * noise.factor * 1.05 as amount
    from rep_totals as totals
    cross join months
    inner join plan_noise as noise on (totals.rep * 13 + months.place) % 200 = noise.n
),

numbered as (
    select
        *,
        row_number() over (order by scenario desc, budget_month asc, account_id asc, sales_rep_id asc) as place
    from plans
)

select
    place as _n,
    'erp' as source_system,
    'BU' || lpad(cast(place as varchar), 7, '0') as budget_id,
    scenario,
    budget_month,
    account_id,
    department,
    sales_rep_id,
    cast(null as varchar) as territory_id,
    cast(round(amount, -1) as decimal(18, 4)) as amount,
    'USD' as currency_code,
    cast(null as boolean) as is_deleted,
    greatest(-1, delivery_of(cast(date_trunc('year', budget_month) as date)) - 1) as _delivery
from numbered;

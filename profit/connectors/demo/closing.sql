-- The books of each calendar year are closed on its last day: revenue and expense go to equity, and the journal says what it is.
-- Plans are made before, as they are averages of what was earned and spent.
alter table final_ledger_entries add column is_closing boolean;

insert into final_ledger_entries by name
with closed as (
    select
        last_day(make_date(year(entries.posted_on), 12, 1)) as closed_on,
        entries.account_id,
        -sum(entries.amount) as amount
    from final_ledger_entries as entries
    inner join accounts on entries.account_id = accounts.account_id
    where accounts.account_type in ('revenue', 'expense')
    group by all
    having sum(entries.amount) <> 0
),

sides as (
    select
        closed_on,
        0 as side,
        account_id,
        amount
    from closed
    union all
    select
        closed_on,
        1 as side,
        '3000' as account_id,
        -sum(amount) as amount
    from closed
    group by all
),

numbered as (
    select
        *,
        row_number() over (order by closed_on, side, account_id) as place
    from sides
    where closed_on < on_day(window_days())
)

select
    (select max(entries._n) from final_ledger_entries as entries) + numbered.place as _n,
    'erp' as source_system,
    'GLC' || lpad(cast(numbered.place as varchar), 7, '0') as ledger_entry_id,
    'CLOS-' || strftime(numbered.closed_on, '%Y%m%d') || '-erp' as journal_id,
    numbered.account_id,
    numbered.closed_on as posted_on,
    cast(numbered.amount as decimal(18, 4)) as amount,
    'USD' as currency_code,
    nullif(accounts.cost_centre, '') as cost_centre,
    nullif(accounts.department, '') as department,
    'Books closed' as posting_text,
    true as is_closing,
    delivery_of(numbered.closed_on) as _delivery
from numbered
inner join accounts on numbered.account_id = accounts.account_id;

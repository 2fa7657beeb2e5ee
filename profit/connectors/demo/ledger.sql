-- The account of the other side of each journal.
create table contra_accounts (kind varchar, account_id varchar, posting_text varchar);

insert into contra_accounts values
('SALE', '1100', 'Invoices'),
('COST', '1200', 'Cost of goods sold'),
('RETN', '1100', 'Credit notes'),
('BACK', '1200', 'Goods back in stock'),
('RBTE', '1000', 'Rebates and coupons paid'),
('COMM', '2100', 'Commission'),
('PAYM', '1000', 'Payments'),
('FEES', '1000', 'Card and wallet fees'),
('FRGT', '2000', 'Freight'),
('LEAD', '2000', 'Lead fees'),
('MEDI', '2000', 'Media'),
('WARR', '1200', 'Warranty parts'),
('OVER', '2000', 'Overheads'),
('DEPR', '1500', 'Depreciation'),
('INTR', '1000', 'Interest'),
('PURC', '2000', 'Purchases of goods'),
('SUPP', '1000', 'Payments to suppliers and staff'),
('TAXP', '1000', 'Sales tax paid'),
('OPEN', '3000', 'Opening balance');

create table month_sides as
with sides as (
    from direct_sides
    union all
    from overhead_sides
),

months as (
    select
        cast(date_trunc('month', on_date) as date) as month,
        coalesce(sum(amount) filter (account_id in ('5000', '5010')), 0) as goods,
        coalesce(sum(amount) filter (kind in ('FRGT', 'LEAD', 'MEDI', 'OVER')), 0) as bills,
        coalesce(sum(amount) filter (account_id = '2200'), 0) as tax
    from sides
    group by all
)

select
    sides.kind,
    'erp' as source_system,
    months.month + sides.days as on_date,
    sides.account_id,
    cast(round(sides.amount, 2) as decimal(18, 4)) as amount
from months
cross join (
    values
    ('PURC', 19, '1200', months.goods * 1.02),
    ('SUPP', 27, '2000', months.goods + months.bills),
    ('TAXP', 27, '2200', -months.tax),
    ('INTR', 27, '8100', abs(months.goods) * 0.002)
) as sides (kind, days, account_id, amount)
union all
select
    'OPEN' as kind,
    'erp' as source_system,
    on_day(0) as on_date,
    '1000' as account_id,
    cast(round(abs(sum(goods)) * 0.1, 2) as decimal(18, 4)) as amount
from months;

create table final_ledger_entries as
with sides as (
    from direct_sides
    union all
    from overhead_sides
    union all
    from month_sides
),

first_sides as (
    select
        kind,
        on_date,
        kind || '-' || strftime(on_date, '%Y%m%d') || '-' || source_system as journal_id,
        0 as side,
        account_id,
        cast(amount as decimal(18, 4)) as amount
    from sides
    where amount <> 0
),

contra_sides as (
    select
        sides.kind,
        sides.on_date,
        sides.journal_id,
        1 as side,
        contra.account_id,
        cast(-sum(sides.amount) as decimal(18, 4)) as amount
    from first_sides as sides
    inner join contra_accounts as contra on sides.kind = contra.kind
    group by all
),

entries as (
    from first_sides
    union all
    from contra_sides
    where amount <> 0
),

numbered as (
    select
        *,
        row_number() over (order by on_date, journal_id, side, account_id) as place
    from entries
)

select
    numbered.place as _n,
    'erp' as source_system,
    'GL' || lpad(cast(numbered.place as varchar), 8, '0') as ledger_entry_id,
    numbered.journal_id,
    numbered.account_id,
    numbered.on_date as posted_on,
    numbered.amount,
    'USD' as currency_code,
    nullif(accounts.cost_centre, '') as cost_centre,
    nullif(accounts.department, '') as department,
    cast(null as varchar) as territory_id,
    contra.posting_text,
    cast(null as boolean) as is_deleted,
    delivery_of(numbered.on_date) as _delivery
from numbered
inner join accounts on numbered.account_id = accounts.account_id
inner join contra_accounts as contra on numbered.kind = contra.kind;

-- The books, posted from the final state of the transactions: every row is converted and rounded by itself, and a journal
-- of a day, kind and system holds the sums. Nothing here reads a model of the warehouse.

-- Cost valid on each order date; an article without a standard cost has none, and nothing is posted for it.
create table valued_lines as
select
    lines.source_system,
    lines.order_line_id,
    lines.product_id,
    lines._order_n as order_n,
    cast(orders.ordered_at as date) as on_date,
    in_dollars(lines.quantity * lines.unit_list_price, orders.currency_code, rates.rate) as gross_amount,
    in_dollars(lines.discount_amount, orders.currency_code, rates.rate) as discount_amount,
    in_dollars(lines.tax_amount, orders.currency_code, rates.rate) as tax_amount,
    in_dollars(lines.quantity * costs.unit_cost_amount, costs.currency_code, cost_rates.rate) as cost_amount,
    costs.unit_cost_amount,
    costs.currency_code as cost_currency_code
from final_order_lines as lines
inner join final_orders as orders on lines._order_n = orders._n
asof left join final_product_costs as costs
    on lines.product_id = costs.product_id and cast(orders.ordered_at as date) >= costs.valid_from
left join rates_daily as rates
    on orders.currency_code = rates.currency_code and cast(orders.ordered_at as date) = rates.on_date
left join rates_daily as cost_rates
    on costs.currency_code = cost_rates.currency_code and cast(orders.ordered_at as date) = cost_rates.on_date;

-- A return gives back the cost of the order date where its line is known, else that of the day of the return.
create table valued_returns as
select
    returns._n,
    returns.source_system,
    cast(returns.returned_at as date) as on_date,
    in_dollars(returns.refund_amount, returns.currency_code, rates.rate) as refund_amount,
    in_dollars(returns._tax_amount, returns.currency_code, rates.rate) as tax_amount,
    case when returns.is_resaleable
        then in_dollars(returns.quantity * costs.unit_cost_amount, costs.currency_code, cost_rates.rate) end as cost_amount
from (
    select r.*, coalesce(l.on_date, cast(r.returned_at as date)) as cost_on
    from final_returns as r
    left join valued_lines as l
        on coalesce(r.order_source_system, r.source_system) = l.source_system and r.order_line_id = l.order_line_id
) as returns
asof left join final_product_costs as costs
    on returns.product_id = costs.product_id and returns.cost_on >= costs.valid_from
left join rates_daily as rates
    on returns.currency_code = rates.currency_code and cast(returns.returned_at as date) = rates.on_date
left join rates_daily as cost_rates on costs.currency_code = cost_rates.currency_code and returns.cost_on = cost_rates.on_date;

create macro account_of_system(source_system) as
    case source_system when 'web_shop' then '4000' when 'stores' then '4010' else '4020' end;

-- One side of each journal; `contra_accounts` names the account of the other.
create table contra_accounts as
select * from (values
    ('SALE', '1100', 'Invoices'), ('COST', '1200', 'Cost of goods sold'), ('RETN', '1100', 'Credit notes'),
    ('BACK', '1200', 'Goods back in stock'), ('RBTE', '1000', 'Rebates and coupons paid'), ('COMM', '2100', 'Commission'),
    ('PAYM', '1000', 'Payments'), ('FEES', '1000', 'Card and wallet fees'), ('FRGT', '2000', 'Freight'),
    ('LEAD', '2000', 'Lead fees'), ('MEDI', '2000', 'Media'), ('WARR', '1200', 'Warranty parts'),
    ('OVER', '2000', 'Overheads'), ('DEPR', '1500', 'Depreciation'), ('INTR', '1000', 'Interest'),
    ('PURC', '2000', 'Purchases of goods'), ('SUPP', '1000', 'Payments to suppliers and staff'),
    ('TAXP', '1000', 'Sales tax paid'), ('OPEN', '3000', 'Opening balance')
) as t (kind, contra_account_id, posting_text);

create table direct_sides as
select 'SALE' as kind, source_system, on_date, account_of_system(source_system) as account_id, -sum(gross_amount) as amount
from valued_lines group by all
union all
select 'SALE', source_system, on_date, '4100', sum(discount_amount) from valued_lines group by all
union all
select 'SALE', source_system, on_date, '2200', -sum(tax_amount) from valued_lines group by all
union all
select 'COST', source_system, on_date, '5000', sum(cost_amount) from valued_lines group by all
union all
select 'RETN', source_system, on_date, '4300', sum(refund_amount) from valued_returns group by all
union all
select 'RETN', source_system, on_date, '2200', sum(tax_amount) from valued_returns group by all
union all
select 'BACK', source_system, on_date, '5010', -sum(cost_amount) from valued_returns group by all
union all
select 'RBTE', 'rebate_centre', paid_on, '4200', sum(in_dollars(amount, r.currency_code, rate))
from final_promotion_redemptions as r left join rates_daily as d on r.currency_code = d.currency_code and paid_on = on_date
where paid_on is not null group by all
union all
select 'COMM', source_system, cast(ordered_at as date), '6000', sum(in_dollars(commission_amount, o.currency_code, rate))
from final_orders as o
left join rates_daily as d on o.currency_code = d.currency_code and cast(ordered_at as date) = on_date group by all
union all
select 'PAYM', 'erp', paid_on, '1100',
    sum(case when payment_kind = 'receipt' then -1 else 1 end * in_dollars(amount, p.currency_code, rate))
from final_payments as p left join rates_daily as d on p.currency_code = d.currency_code and paid_on = on_date group by all
union all
select 'FEES', 'erp', paid_on, '6010', sum(in_dollars(fee_amount, p.currency_code, rate))
from final_payments as p left join rates_daily as d on p.currency_code = d.currency_code and paid_on = on_date group by all
union all
select 'FRGT', 'erp', shipped_on, case direction when 'outbound' then '6020' else '6030' end,
    sum(in_dollars(freight_amount, s.currency_code, rate))
from final_shipments as s left join rates_daily as d on s.currency_code = d.currency_code and shipped_on = on_date group by all
union all
select 'LEAD', 'marketing_hub', cast(created_at as date), '6040', sum(in_dollars(fee_amount, l.currency_code, rate))
from final_leads as l
left join rates_daily as d on l.currency_code = d.currency_code and cast(created_at as date) = on_date group by all
union all
select 'MEDI', 'marketing_hub', spent_on, '7500', sum(in_dollars(amount, m.currency_code, rate))
from final_media_spend as m left join rates_daily as d on m.currency_code = d.currency_code and spent_on = on_date group by all
union all
select 'WARR', 'service_desk', claimed_on, '7110', sum(in_dollars(parts_amount, w.currency_code, rate))
from final_warranty_claims as w
left join rates_daily as d on w.currency_code = d.currency_code and claimed_on = on_date where is_accepted group by all;

-- What the company did in the whole window; the overheads are the cost of the capacity for it, much the same each month.
create table volumes as
with orders as (
    select source_system, count(*) as orders, sum(cast(has_special_packaging as integer)) as packages
    from final_orders group by source_system
),
contacts as (
    select source_system, count(*) as contacts, sum(duration_minutes) as minutes,
        count(*) filter (interaction_kind <> 'call') as visits
    from final_interactions group by source_system
)
select 'remote_orders' as measure, cast(sum(orders) as double) as volume from orders where source_system <> 'stores'
union all select 'web_orders', sum(orders) from orders where source_system = 'web_shop'
union all select 'store_orders', sum(orders) from orders where source_system = 'stores'
union all select 'special_packages', sum(packages) from orders
union all select 'lines', count(*) from final_order_lines
union all select 'remote_lines', count(*) from final_order_lines where source_system <> 'stores'
union all select 'invoices', count(*) from final_payments where payment_method = 'invoice'
union all select 'shipments', count(*) from final_shipments
union all select 'returns', count(*) from final_returns
union all select 'store_returns', count(*) from final_returns where source_system = 'stores'
union all select 'ticket_minutes', sum(handling_minutes) from final_tickets
union all select 'claim_minutes', sum(handling_minutes) from final_warranty_claims
union all select 'desk_minutes', sum(minutes) from contacts where source_system = 'phone_desk'
union all select 'desk_calls', sum(contacts) from contacts where source_system = 'phone_desk'
union all select 'field_minutes', sum(minutes) from contacts where source_system = 'crm'
union all select 'visits', sum(visits) from contacts where source_system = 'crm'
union all select 'mailings', count(*) from final_touches where touch_kind = 'mail'
union all select 'e_mails', count(*) from final_touches where touch_kind = 'email'
union all select 'net_sales', sum(gross_amount - discount_amount) from valued_lines;

create table overhead_sides as
select
    case accounts.account_id when '7740' then 'DEPR' else 'OVER' end as kind,
    'erp' as source_system,
    cast(date_trunc('month', on_day(0)) + to_months(cast(noise.month as integer)) as date)
    + cast(accounts.day_of_month - 1 as integer) as on_date,
    accounts.account_id,
    cast(round(costs.cost / (last_delivery() + 1) * noise.factor, 2) as decimal(18, 4)) as amount
from (select *, n as place from overhead_accounts) as accounts
inner join (
    select account_id, sum(rate * coalesce(volume, 0)) as cost
    from overhead_rates inner join volumes using (measure) group by account_id
) as costs on accounts.account_id = costs.account_id
inner join overhead_noise as noise on accounts.place = noise.place;

create table month_sides as
with months as (
    select
        cast(date_trunc('month', on_date) as date) as month,
        coalesce(sum(amount) filter (account_id in ('5000', '5010')), 0) as goods,
        coalesce(sum(amount) filter (kind in ('FRGT', 'LEAD', 'MEDI', 'OVER')), 0) as bills,
        coalesce(sum(amount) filter (account_id = '2200'), 0) as tax
    from (from direct_sides union all from overhead_sides)
    group by all
)
select 'PURC' as kind, 'erp' as source_system, month + 19 as on_date, '1200' as account_id,
    cast(round(goods * 1.02, 2) as decimal(18, 4)) as amount from months
union all
select 'SUPP', 'erp', month + 27, '2000', cast(round(goods + bills, 2) as decimal(18, 4)) from months
union all
select 'TAXP', 'erp', month + 27, '2200', cast(-tax as decimal(18, 4)) from months
union all
select 'INTR', 'erp', month + 27, '8100', cast(round(abs(goods) * 0.002, 2) as decimal(18, 4)) from months
union all
select 'OPEN', 'erp', on_day(0), '1000', cast(round(abs(sum(goods)) * 0.1, 2) as decimal(18, 4)) from months;

create table ledger_sides as
select kind, source_system, on_date, account_id, cast(amount as decimal(18, 4)) as amount,
    kind || '-' || strftime(on_date, '%Y%m%d') || '-' || source_system as journal_id
from (from direct_sides union all from overhead_sides union all from month_sides)
where amount <> 0;

create table final_ledger_entries as
select
    row_number() over (order by on_date, journal_id, side, account_id) as _n,
    'erp' as source_system,
    'GL' || lpad(cast(row_number() over (order by on_date, journal_id, side, account_id) as varchar), 8, '0') as ledger_entry_id,
    journal_id,
    account_id,
    on_date as posted_on,
    amount,
    'USD' as currency_code,
    nullif(accounts.cost_centre, '') as cost_centre,
    nullif(accounts.department, '') as department,
    cast(null as varchar) as territory_id,
    contra_accounts.posting_text,
    cast(null as boolean) as is_deleted,
    delivery_of(on_date) as _delivery
from (
    select kind, on_date, journal_id, 0 as side, account_id, amount from ledger_sides
    union all
    select kind, on_date, journal_id, 1, contra_account_id, cast(-sum(amount) as decimal(18, 4))
    from ledger_sides inner join contra_accounts using (kind) group by all
)
inner join accounts using (account_id)
inner join contra_accounts using (kind)
where amount <> 0;

-- Plans: the year's average for each account, and quotas for each representative who sold.
create table final_budgets as
select
    row_number() over (order by scenario desc, budget_month, account_id, sales_rep_id) as _n,
    'erp' as source_system,
    'BU' || lpad(cast(row_number() over (order by scenario desc, budget_month, account_id, sales_rep_id) as varchar), 7, '0')
        as budget_id,
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
from (
    select 'budget' as scenario, m.budget_month, a.account_id, nullif(a.department, '') as department,
        cast(null as varchar) as sales_rep_id, abs(a.total) / (last_delivery() + 1) * f.factor as amount
    from (
        select accounts.n, account_id, accounts.department, sum(amount) as total
        from final_ledger_entries inner join accounts using (account_id)
        where accounts.waterfall_line <> '' group by all
    ) as a
    cross join (select cast(on_day(0) + to_months(cast(d as integer)) as date) as budget_month, d from range(last_delivery() + 1) as t(d)) as m
    inner join plan_noise as f on (a.n * 7 + m.d) % 200 = f.n
    union all
    select 'quota', m.budget_month, null, 'Sales', r.sales_rep_id, r.total / (last_delivery() + 1) * f.factor * 1.05
    from (
        select raw_orders.rep, keys.sales_rep_id, sum(gross_amount - discount_amount) as total
        from valued_lines
        inner join raw_orders on valued_lines.order_n = raw_orders.n
        inner join rep_keys as keys on raw_orders.rep = keys.rep group by all
    ) as r
    cross join (select cast(on_day(0) + to_months(cast(d as integer)) as date) as budget_month, d from range(last_delivery() + 1) as t(d)) as m
    inner join plan_noise as f on (r.rep * 13 + m.d) % 200 = f.n
);

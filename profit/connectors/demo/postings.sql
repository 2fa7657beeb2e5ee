-- The books are posted from the final state of the transactions: every row is converted and rounded by itself, and a
-- journal of a day, kind and system holds the sums. Nothing here reads a model of the warehouse.

-- The cost of the line itself, else the one valid on its order date; an article without a standard cost has none, and nothing is
-- posted for it. Lines have costs of their own in dollars only, where the standard is in dollars too.
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
    in_dollars(lines.quantity * coalesce(lines.unit_cost_amount, costs.unit_cost_amount), costs.currency_code, cost_rates.rate)
        as cost_amount
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
with dated_returns as (
    select
        returns.*,
        cast(returns.returned_at as date) as on_date,
        coalesce(lines.on_date, cast(returns.returned_at as date)) as cost_on
    from final_returns as returns
    left join valued_lines as lines
        on coalesce(returns.order_source_system, returns.source_system) = lines.source_system
        and returns.order_line_id = lines.order_line_id
)

select
    returns.source_system,
    returns.on_date,
    in_dollars(returns.refund_amount, returns.currency_code, rates.rate) as refund_amount,
    in_dollars(returns._tax_amount, returns.currency_code, rates.rate) as tax_amount,
    case
        when returns.is_resaleable
            then in_dollars(returns.quantity * costs.unit_cost_amount, costs.currency_code, cost_rates.rate)
    end as cost_amount
from dated_returns as returns
asof left join final_product_costs as costs
    on returns.product_id = costs.product_id and returns.cost_on >= costs.valid_from
left join rates_daily as rates
    on returns.currency_code = rates.currency_code and returns.on_date = rates.on_date
left join rates_daily as cost_rates
    on costs.currency_code = cost_rates.currency_code and returns.cost_on = cost_rates.on_date;

-- Amounts that go to one account each, in the currency in which they were paid or billed.
create table billed_amounts as
select
    'RBTE' as kind,
    'rebate_centre' as source_system,
    paid_on as on_date,
    '4200' as account_id,
    amount,
    currency_code
from final_promotion_redemptions
where paid_on is not null
union all
select
    'COMM' as kind,
    source_system,
    cast(ordered_at as date) as on_date,
    '6000' as account_id,
    commission_amount as amount,
    currency_code
from final_orders
union all
select
    'PAYM' as kind,
    'erp' as source_system,
    paid_on as on_date,
    '1100' as account_id,
    case payment_kind when 'receipt' then -amount else amount end as amount,
    currency_code
from final_payments
union all
select
    'FEES' as kind,
    'erp' as source_system,
    paid_on as on_date,
    '6010' as account_id,
    fee_amount as amount,
    currency_code
from final_payments
union all
select
    'FRGT' as kind,
    'erp' as source_system,
    shipped_on as on_date,
    case direction when 'outbound' then '6020' else '6030' end as account_id,
    freight_amount as amount,
    currency_code
from final_shipments
union all
select
    'LEAD' as kind,
    'marketing_hub' as source_system,
    cast(created_at as date) as on_date,
    '6040' as account_id,
    fee_amount as amount,
    currency_code
from final_leads
union all
select
    'MEDI' as kind,
    'marketing_hub' as source_system,
    spent_on as on_date,
    '7500' as account_id,
    amount,
    currency_code
from final_media_spend
union all
select
    'WARR' as kind,
    'service_desk' as source_system,
    claimed_on as on_date,
    '7110' as account_id,
    parts_amount as amount,
    currency_code
from final_warranty_claims
where is_accepted;

create macro revenue_account(source_system) as
case source_system when 'web_shop' then '4000' when 'stores' then '4010' else '4020' end;

-- One side of each journal, debits positive; `contra_accounts` names the account of the other.
create table direct_sides as
with sides_of_lines as (
    select
        sides.kind,
        lines.source_system,
        lines.on_date,
        sides.account_id,
        sides.amount
    from valued_lines as lines
    cross join (
        values
        ('SALE', revenue_account(lines.source_system), -lines.gross_amount),
        ('SALE', '4100', lines.discount_amount),
        ('SALE', '2200', -lines.tax_amount),
        ('COST', '5000', lines.cost_amount)
    ) as sides (kind, account_id, amount)
),

sides_of_returns as (
    select
        sides.kind,
        returns.source_system,
        returns.on_date,
        sides.account_id,
        sides.amount
    from valued_returns as returns
    cross join (
        values
        ('RETN', '4300', returns.refund_amount),
        ('RETN', '2200', returns.tax_amount),
        ('BACK', '5010', -returns.cost_amount)
    ) as sides (kind, account_id, amount)
),

sides_of_bills as (
    select
        bills.kind,
        bills.source_system,
        bills.on_date,
        bills.account_id,
        in_dollars(bills.amount, bills.currency_code, rates.rate) as amount
    from billed_amounts as bills
    left join rates_daily as rates on bills.currency_code = rates.currency_code and bills.on_date = rates.on_date
),

sides as (
    from sides_of_lines
    union all
    from sides_of_returns
    union all
    from sides_of_bills
)

select
    kind,
    source_system,
    on_date,
    account_id,
    sum(amount) as amount
from sides
group by all;

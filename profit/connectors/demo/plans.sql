-- Plans: the year's average for each account, and quotas for each representative who sold. Revenue is planned by article group and channel with
-- its units, and what grows with a driver with the driver's quantity: all of it, or the part that the unit price says.
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

grouped_products as (
    select distinct on (product_id)
        product_id,
        product_group
    from final_products
    order by product_id, product_group
),

-- What was sold in the whole window through each revenue account, by article group.
group_totals as (
    select
        revenue_account(lines.source_system) as account_id,
        products.product_group,
        min(orders.channel) as channel,
        sum(lines.gross_amount) as total,
        sum(sold.quantity) as units
    from valued_lines as lines
    inner join final_order_lines as sold
        on lines.source_system = sold.source_system and lines.order_line_id = sold.order_line_id
    inner join final_orders as orders on lines.order_n = orders._n
    inner join grouped_products as products on lines.product_id = products.product_id
    where lines.gross_amount > 0
    group by all
),

group_shares as (
    select
        *,
        row_number() over (partition by account_id order by total, product_group) as n,
        sum(total) over (partition by account_id order by total, product_group) / sum(total) over (partition by account_id) as share_to,
        sum(total) over (partition by account_id order by total, product_group) / sum(total) over (partition by account_id)
        - total / sum(total) over (partition by account_id) as share_from
    from group_totals
),

-- Quantity of the driver in the whole window, and how much of the amount each unit takes.
account_drivers as (
    from (
        values
        ('5000', 'units', (select sum(units) from group_totals), 1.0),
        ('6020', 'shipments', (select count(*) filter (where direction = 'outbound') from final_shipments), 1.0),
        ('7000', 'orders', (select count(*) from final_orders), 0.4),
        ('7030', 'shipments', (select count(*) from final_shipments), 1.0),
        ('7520', 'mailings', (select count(*) filter (where touch_kind = 'mail') from final_touches), 0.8)
    ) as drivers (account_id, driver, total, variable_share)
    where total > 0
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

rounded as (
    select
        *,
        row_number() over (order by budget_month, account_id) as n,
        cast(round(amount, -1) as decimal(18, 4)) as planned_amount
    from plans
),

with_volumes as (
    select
        rounded.* exclude (planned_amount),
        round(rounded.planned_amount * parts.share_to, -1) - round(rounded.planned_amount * parts.share_from, -1) as planned_amount,
        'units' as driver,
        greatest(round(parts.units / (last_delivery() + 1) * noise.factor), 1) as quantity,
        cast(null as decimal(26, 12)) as unit_price_amount,
        parts.product_group,
        parts.channel
    from rounded
    inner join group_shares as parts on rounded.account_id = parts.account_id
    inner join volume_noise as noise on (rounded.n * 11 + parts.n * 17) % 200 = noise.n
    union all
    select
        rounded.*,
        drivers.driver,
        greatest(round(drivers.total / (last_delivery() + 1) * noise.factor), 1) as quantity,
        case
            when drivers.variable_share < 1
                then round(
                        rounded.planned_amount * drivers.variable_share / greatest(round(drivers.total / (last_delivery() + 1) * noise.factor), 1), 4
                    )
        end as unit_price_amount,
        null as product_group,
        null as channel
    from rounded
    left join account_drivers as drivers on rounded.account_id = drivers.account_id
    left join volume_noise as noise on rounded.n * 11 % 200 = noise.n and drivers.account_id is not null
    where rounded.account_id is null or rounded.account_id not in (select group_shares.account_id from group_shares)
),

numbered as (
    select
        *,
        row_number() over (
            order by scenario desc, budget_month asc, account_id asc, sales_rep_id asc, product_group asc
        ) as place
    from with_volumes
    where planned_amount > 0
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
    cast(planned_amount as decimal(18, 4)) as amount,
    'USD' as currency_code,
    driver,
    cast(quantity as decimal(18, 4)) as quantity,
    cast(unit_price_amount as decimal(26, 12)) as unit_price_amount,
    product_group,
    channel,
    cast(null as boolean) as is_deleted,
    greatest(-1, delivery_of(cast(date_trunc('year', budget_month) as date)) - 1) as _delivery
from numbered;

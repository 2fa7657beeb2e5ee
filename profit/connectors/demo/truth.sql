create macro true_id(n) as case when n >= 0 then 'T' || lpad(cast(n + 1 as varchar), 7, '0') end;

create table truth_records as
select 'customer' as record_kind, source_system, customer_id as source_customer_id, true_id(customer) as true_customer_id
from record_keys
union all
select 'lead', 'marketing_hub', lead_id, true_id(customer) from lead_keys;

-- The true customer behind each order, also where the order names nobody.
create table true_margins as
select orders.customer, sum(gross_amount - discount_amount) as net_amount,
    sum(gross_amount - discount_amount - coalesce(cost_amount, 0)) as margin_amount,
    count(distinct lines.order_n) as orders, max(lines.on_date) as last_order_on
from valued_lines as lines inner join raw_orders as orders on lines.order_n = orders.n
group by orders.customer;

create table truth_customers as
select
    true_id(p.n) as true_customer_id,
    case when p.is_organisation then 'organisation' else 'person' end as customer_kind,
    c.country_code,
    true_id(p.parent) as parent_true_customer_id,
    on_day(p.acquired) as acquired_on,
    m.media_source as acquisition_media_source,
    p.purchase_rate * 30.4375 as purchases_per_month,
    p.dropout as dropout_probability,
    p.spend_level,
    p.discount_level,
    p.return_rate,
    p.call_rate as calls_per_month,
    p.visit_rate as visits_per_month,
    p.ticket_rate as tickets_per_month,
    p.is_demanding,
    coalesce(t.orders, 0) as orders_in_window,
    t.last_order_on,
    t.net_amount,
    t.margin_amount,
    cast(t.margin_amount as double) / nullif(cast(t.net_amount as double), 0) as mean_margin
from true_people as p
inner join true_countries as c on p.country = c.n
left join true_media as m on p.media = m.n
left join true_margins as t on p.n = t.customer;

-- Work done for each customer, at the rates from which the overheads were made; unused capacity is in nobody's cost.
create table true_work as
with referred as (
    select record, customer, source_system, customer_id from record_keys where customer >= 0
),
of_orders as (
    select o.customer, f.source_system, f.has_special_packaging, f._n from final_orders as f inner join raw_orders as o on f._n = o.n
),
of_returns as (
    select o.customer, r.source_system from final_returns as r
    inner join raw_returns as w on r._n = w.n inner join raw_orders as o on w.order_n = o.n
),
of_contacts as (
    select r.customer, f.source_system, f.interaction_kind, f.duration_minutes
    from final_interactions as f inner join referred as r
        on coalesce(f.customer_source_system, f.source_system) = r.source_system and f.customer_id = r.customer_id
),
of_touches as (
    select r.customer, f.touch_kind from final_touches as f
    inner join referred as r on f.source_system = r.source_system and f.customer_id = r.customer_id
)
select 'remote_orders' as measure, customer, cast(count(*) as double) as quantity
from of_orders where source_system <> 'stores' group by all
union all select 'web_orders', customer, count(*) from of_orders where source_system = 'web_shop' group by all
union all select 'store_orders', customer, count(*) from of_orders where source_system = 'stores' group by all
union all select 'special_packages', customer, count(*) from of_orders where has_special_packaging group by all
union all select 'lines', o.customer, count(*) from raw_lines as l inner join raw_orders as o on l.order_n = o.n group by all
union all select 'remote_lines', o.customer, count(*) from raw_lines as l inner join raw_orders as o on l.order_n = o.n
where o.system <> 1 group by all
union all select 'invoices', o.customer, count(*) from raw_payments as p inner join raw_orders as o on p.order_n = o.n
where p.method = 2 group by all
union all select 'shipments', o.customer, count(*) from raw_shipments as s inner join raw_orders as o on s.order_n = o.n group by all
union all select 'returns', customer, count(*) from of_returns group by all
union all select 'store_returns', customer, count(*) from of_returns where source_system = 'stores' group by all
union all select 'ticket_minutes', r.customer, sum(t.minutes) from raw_tickets as t inner join referred as r using (record) group by all
union all select 'claim_minutes', r.customer, sum(c.minutes) from raw_claims as c inner join referred as r using (record) group by all
union all select 'desk_minutes', customer, sum(duration_minutes) from of_contacts where source_system = 'phone_desk' group by all
union all select 'desk_calls', customer, count(*) from of_contacts where source_system = 'phone_desk' group by all
union all select 'field_minutes', customer, sum(duration_minutes) from of_contacts where source_system = 'crm' group by all
union all select 'visits', customer, count(*) from of_contacts where source_system = 'crm' and interaction_kind <> 'call' group by all
union all select 'mailings', customer, count(*) from of_touches where touch_kind = 'mail' group by all
union all select 'e_mails', customer, count(*) from of_touches where touch_kind = 'email' group by all;

create table truth_true_costs as
select true_id(w.customer) as true_customer_id, w.measure as cost_kind, w.quantity, rates.rate,
    round(w.quantity * rates.rate, 2) as amount
from true_work as w
inner join (select measure, sum(rate) as rate from overhead_rates group by measure) as rates using (measure);

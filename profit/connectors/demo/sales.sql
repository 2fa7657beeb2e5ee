-- Order numbers. Stores and phone desk count alike, so that an order number says nothing without its system either.
create table order_keys as
select
    n as order_n,
    source_system,
    case source_system when 'web_shop' then 'WEB-' || (1000000 + place) else cast(7000000 + place as varchar) end as order_id
from (select n, system, row_number() over (partition by system order by n) as place from raw_orders)
inner join systems using (system);

create table final_orders as
select
    o.n as _n,
    keys.source_system,
    keys.order_id,
    case when o.record = -2 then '9' || (9000000 + o.n) else records.customer_id end as customer_id,
    case when records.source_system <> keys.source_system then records.source_system end as customer_source_system,
    at_second(o.day, o.second) as ordered_at,
    case keys.source_system when 'web_shop' then 'web' when 'stores' then 'store' else 'phone' end as channel,
    fields.territory_id,
    reps.sales_rep_id,
    campaigns.campaign_id,
    case
        when o.n = (select wrong_order from wrong_codes where n = 0) then 'EUX'
        -- The stores at home leave the currency out: it is the reporting currency.
        when keys.source_system = 'stores' and currencies.currency_code = 'USD' then null
        else currencies.currency_code
    end as currency_code,
    money(nullif(o.commission_cents, 0)) as commission_amount,
    o.is_packed as has_special_packaging,
    cast(null as boolean) as is_deleted,
    delivery_of(on_day(o.day)) as _delivery
from raw_orders as o
inner join order_keys as keys on o.n = keys.order_n
inner join currencies using (currency)
inner join territory_of_customer as fields on o.customer = fields.customer
left join record_keys as records on o.record = records.record
left join rep_keys as reps on o.rep = reps.rep
left join campaign_keys as campaigns on o.campaign = campaigns.campaign;

create table versions_orders as
select * replace ('GPB' as currency_code) from final_orders
where _n = (select wrong_order from wrong_codes where n = 1);

update final_orders set _delivery = _delivery + 1 where _n = (select wrong_order from wrong_codes where n = 1);

create table final_order_lines as
select
    l.n as _n,
    keys.source_system,
    keys.order_id || '-' || l.line_number as order_line_id,
    keys.order_id,
    articles.product_id,
    case when keys.source_system = 'phone_desk' then 'erp' end as product_source_system,
    cast(l.quantity as decimal(18, 4)) as quantity,
    money(l.price_cents) as unit_list_price,
    money(l.discount_cents) as discount_amount,
    money(l.tax_cents) as tax_amount,
    case when l.discount_cents > 0 then campaigns.campaign_id end as promotion_id,
    cast(null as boolean) as is_deleted,
    delivery_of(on_day(o.day)) as _delivery,
    l.order_n as _order_n
from raw_lines as l
inner join raw_orders as o on l.order_n = o.n
inner join order_keys as keys on l.order_n = keys.order_n
inner join articles on l.article = articles.n
left join campaign_keys as campaigns on o.campaign = campaigns.campaign;

create table return_keys as
select n as return_n, source_system,
    upper(left(source_system, 1)) || 'R' || lpad(cast(place as varchar), 7, '0') as return_id
from (select n, system, row_number() over (partition by system order by n) as place from raw_returns)
inner join systems using (system);

create table final_returns as
select
    r.n as _n,
    keys.source_system,
    keys.return_id,
    records.customer_id,
    case when records.source_system <> keys.source_system then records.source_system end as customer_source_system,
    case r.link when 0 then orders.order_id when 2 then 'WEB-' || (100000 + r.n) end as order_id,
    case when r.link = 0 then orders.order_id || '-' || lines.line_number end as order_line_id,
    case when r.link = 2 then 'web_shop'
        when r.link = 0 and orders.source_system <> keys.source_system then orders.source_system end as order_source_system,
    articles.product_id,
    cast(null as varchar) as product_source_system,
    cast(r.quantity as decimal(18, 4)) as quantity,
    money(r.refund_cents) as refund_amount,
    currencies.currency_code,
    at_second(r.day, r.second) as returned_at,
    case keys.source_system when 'web_shop' then 'web' when 'stores' then 'store' else 'phone' end as channel,
    case r.condition when 1 then true when 0 then false end as is_resaleable,
    ['did not fit', 'defective', 'changed mind', 'wrong article', 'damaged in transit'][1 + r.n % 5] as reason,
    cast(null as boolean) as is_deleted,
    delivery_of(on_day(r.day)) as _delivery,
    money(r.tax_cents) as _tax_amount
from raw_returns as r
inner join return_keys as keys on r.n = keys.return_n
inner join order_keys as orders on r.order_n = orders.order_n
inner join raw_lines as lines on r.line_n = lines.n
inner join articles on r.article = articles.n
inner join currencies using (currency)
left join record_keys as records on r.record = records.record;

create table final_shipments as
select
    s.n as _n,
    'erp' as source_system,
    'SH' || lpad(cast(s.n + 1 as varchar), 8, '0') as shipment_id,
    case when s.return_n >= 0 then 'return' else 'outbound' end as direction,
    case when s.return_n < 0 then orders.order_id end as order_id,
    case when s.return_n < 0 then orders.source_system end as order_source_system,
    returns.return_id,
    returns.source_system as return_source_system,
    on_day(s.day) as shipped_on,
    ['ground', 'air', 'collect'][1 + s.mode] as ship_mode,
    money(s.freight_cents) as freight_amount,
    currencies.currency_code,
    cast(null as boolean) as is_deleted,
    delivery_of(on_day(s.day)) as _delivery
from raw_shipments as s
inner join order_keys as orders using (order_n)
inner join currencies using (currency)
left join return_keys as returns on s.return_n = returns.return_n;

create table final_payments as
select
    p.n as _n,
    'erp' as source_system,
    'Z' || lpad(cast(p.n + 1 as varchar), 8, '0') as payment_id,
    records.customer_id,
    records.source_system as customer_source_system,
    orders.order_id,
    orders.source_system as order_source_system,
    case p.kind when 0 then 'receipt' else 'refund' end as payment_kind,
    ['card', 'wallet', 'invoice', 'cash'][1 + p.method] as payment_method,
    on_day(p.day) as paid_on,
    money(p.amount_cents) as amount,
    money(nullif(p.fee_cents, 0)) as fee_amount,
    currencies.currency_code,
    cast(null as boolean) as is_deleted,
    delivery_of(on_day(p.day)) as _delivery
from raw_payments as p
inner join currencies using (currency)
left join order_keys as orders on p.order_n = orders.order_n
left join record_keys as records on p.record = records.record;

-- A contract as it stood after each billed term: a version of the row for each delivery that brought a renewal.
create table subscription_states as
select
    t.contract as _n,
    'web_shop' as source_system,
    'ABO-' || (t.contract + 1) as subscription_id,
    records.customer_id,
    cast(null as varchar) as customer_source_system,
    'SVC-CARE' as product_id,
    'erp' as product_source_system,
    on_day(min(t.day) over (partition by t.contract)) as started_on,
    t.term_months,
    t.term as renewal_count,
    case when not t.is_last then on_day(t.ends) end as next_renewal_on,
    case when t.is_last then on_day(t.ends) end as cancelled_on,
    prices.unit_list_price as term_amount,
    currencies.currency_code,
    cast(null as boolean) as is_deleted,
    delivery_of(on_day(t.day)) as _delivery
from raw_subscription_terms as t
inner join record_keys as records on t.record = records.record
inner join currencies using (currency)
inner join (
    select currency, money(max(price_cents)) as unit_list_price
    from raw_lines inner join raw_orders on raw_lines.order_n = raw_orders.n
    inner join articles on raw_lines.article = articles.n
    where articles.product_id = 'SVC-CARE' group by currency
) as prices on t.currency = prices.currency
qualify row_number() over (partition by t.contract, _delivery order by t.term desc) = 1;

create table final_subscriptions as
select * from subscription_states qualify row_number() over (partition by _n order by _delivery desc) = 1;

create table versions_subscriptions as
select * from subscription_states qualify row_number() over (partition by _n order by _delivery desc) > 1;

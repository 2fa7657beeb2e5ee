-- Order numbers. Stores and phone desk count alike, so that an order number says nothing without its system either.
create table order_keys as
with numbered as (
    select
        n,
        system,
        row_number() over (partition by system order by n) as place
    from raw_orders
)

select
    numbered.n as order_n,
    systems.source_system,
    case systems.source_system
        when 'web_shop' then 'WEB-' || (1000000 + numbered.place)
        else cast(7000000 + numbered.place as varchar)
    end as order_id
from numbered
inner join systems on numbered.system = systems.system;

create macro channel_of(source_system) as
case source_system when 'web_shop' then 'web' when 'stores' then 'store' else 'phone' end;

create table final_orders as
select
    raw.n as _n,
    keys.source_system,
    keys.order_id,
    case when raw.record = -2 then '9' || (9000000 + raw.n) else records.customer_id end as customer_id,
    case when records.source_system <> keys.source_system then records.source_system end as customer_source_system,
    at_second(raw.day, raw.second) as ordered_at,
    channel_of(keys.source_system) as channel,
    homes.territory_id,
    reps.sales_rep_id,
    campaigns.campaign_id,
    case
        when wrong_codes.n = 0 then 'EUX'
        -- The stores at home leave the currency out: it is the reporting currency.
        when keys.source_system = 'stores' and currencies.currency_code = 'USD' then null
        else currencies.currency_code
    end as currency_code,
    money(nullif(raw.commission_cents, 0)) as commission_amount,
    raw.is_packed as has_special_packaging,
    -- Only the web shop says how far it is, and on the day of its last delivery not that all is done.
    case when keys.source_system = 'web_shop' then case when raw.day + 4 < window_days() then 'completed' else 'placed' end end
        as order_status,
    cast(null as boolean) as is_deleted,
    delivery_of(on_day(raw.day)) as _delivery
from raw_orders as raw
inner join order_keys as keys on raw.n = keys.order_n
inner join currencies on raw.currency = currencies.currency
inner join territory_of_customer as homes on raw.customer = homes.customer
left join record_keys as records on raw.record = records.record
left join rep_keys as reps on raw.rep = reps.rep
left join campaign_keys as campaigns on raw.campaign = campaigns.campaign
left join wrong_codes on raw.n = wrong_codes.wrong_order;

-- The second mistyped currency code is corrected by the next delivery.
create table versions_orders as
select orders.* replace ('GPB' as currency_code)
from final_orders as orders
inner join wrong_codes on orders._n = wrong_codes.wrong_order
where wrong_codes.n = 1;

update final_orders set _delivery = _delivery + 1
where _n in (select _n from versions_orders);

create table final_order_lines as
with returned_lines as (
    select distinct line_n
    from raw_returns
)

select
    raw.n as _n,
    keys.source_system,
    keys.order_id || '-' || raw.line_number as order_line_id,
    keys.order_id,
    articles.product_id,
    case when keys.source_system = 'phone_desk' then 'erp' end as product_source_system,
    cast(raw.quantity as decimal(18, 4)) as quantity,
    money(raw.price_cents) as unit_list_price,
    money(raw.discount_cents) as discount_amount,
    money(raw.tax_cents) as tax_amount,
    -- What a piece was bought for, where the till knows it: near its standard cost.
    case
        when keys.source_system = 'stores' and costs.currency_code = 'USD' and chosen(raw.n, 3343, 60) and returned.line_n is null
            then money(round(costs.unit_cost_amount * (97 + raw.n % 8)))
    end as unit_cost_amount,
    case
        when keys.source_system = 'stores' and costs.currency_code = 'USD' and chosen(raw.n, 3343, 60) and returned.line_n is null
            then 'USD'
    end as cost_currency_code,
    case when raw.discount_cents > 0 then campaigns.campaign_id end as promotion_id,
    cast(null as boolean) as is_deleted,
    delivery_of(on_day(orders.day)) as _delivery,
    raw.order_n as _order_n
from raw_lines as raw
inner join raw_orders as orders on raw.order_n = orders.n
inner join order_keys as keys on raw.order_n = keys.order_n
inner join articles on raw.article = articles.n
asof left join final_product_costs as costs on articles.product_id = costs.product_id and on_day(orders.day) >= costs.valid_from
left join returned_lines as returned on raw.n = returned.line_n
left join campaign_keys as campaigns on orders.campaign = campaigns.campaign;

create table return_keys as
with numbered as (
    select
        n,
        system,
        row_number() over (partition by system order by n) as place
    from raw_returns
)

select
    numbered.n as return_n,
    systems.source_system,
    upper(left(systems.source_system, 1)) || 'R' || lpad(cast(numbered.place as varchar), 7, '0') as return_id
from numbered
inner join systems on numbered.system = systems.system;

create table final_returns as
select
    raw.n as _n,
    keys.source_system,
    keys.return_id,
    records.customer_id,
    case when records.source_system <> keys.source_system then records.source_system end as customer_source_system,
    case raw.link when 0 then orders.order_id when 2 then 'WEB-' || (100000 + raw.n) end as order_id,
    case when raw.link = 0 then orders.order_id || '-' || lines.line_number end as order_line_id,
    case
        when raw.link = 2 then 'web_shop'
        when raw.link = 0 and orders.source_system <> keys.source_system then orders.source_system
    end as order_source_system,
    articles.product_id,
    cast(null as varchar) as product_source_system,
    cast(raw.quantity as decimal(18, 4)) as quantity,
    money(raw.refund_cents) as refund_amount,
    currencies.currency_code,
    at_second(raw.day, raw.second) as returned_at,
    channel_of(keys.source_system) as channel,
    case raw.condition when 1 then true when 0 then false end as is_resaleable,
    ['did not fit', 'defective', 'changed mind', 'wrong article', 'damaged in transit'][1 + raw.n % 5] as reason,
    cast(null as boolean) as is_deleted,
    delivery_of(on_day(raw.day)) as _delivery,
    money(raw.tax_cents) as _tax_amount
from raw_returns as raw
inner join return_keys as keys on raw.n = keys.return_n
inner join order_keys as orders on raw.order_n = orders.order_n
inner join raw_lines as lines on raw.line_n = lines.n
inner join articles on raw.article = articles.n
inner join currencies on raw.currency = currencies.currency
left join record_keys as records on raw.record = records.record;

create table days_under_way as
select
    n,
    case mode when 0 then 3 else 1 end as promised,
    case when chosen(n, 3319, 70) then 1 + n % 4 when mode = 0 and chosen(n, 3331, 300) then -1 else 0 end as late
from raw_shipments;

create table final_shipments as
select
    raw.n as _n,
    'erp' as source_system,
    'SH' || lpad(cast(raw.n + 1 as varchar), 8, '0') as shipment_id,
    case when raw.return_n >= 0 then 'return' else 'outbound' end as direction,
    case when raw.return_n < 0 then orders.order_id end as order_id,
    case when raw.return_n < 0 then orders.source_system end as order_source_system,
    returns.return_id,
    returns.source_system as return_source_system,
    on_day(raw.day) as shipped_on,
    ['ground', 'air', 'collect'][1 + raw.mode] as ship_mode,
    -- Customers are promised a day; what they send back and what they collect has none.
    case when raw.return_n < 0 and raw.mode < 2 then on_day(raw.day + under_way.promised) end as promised_on,
    case
        when raw.return_n < 0 and raw.mode < 2 and raw.day + under_way.promised + under_way.late < window_days()
            then on_day(raw.day + under_way.promised + under_way.late)
    end as arrived_on,
    money(raw.freight_cents) as freight_amount,
    currencies.currency_code,
    cast(null as boolean) as is_deleted,
    delivery_of(on_day(raw.day)) as _delivery
from raw_shipments as raw
inner join days_under_way as under_way on raw.n = under_way.n
inner join order_keys as orders on raw.order_n = orders.order_n
inner join currencies on raw.currency = currencies.currency
left join return_keys as returns on raw.return_n = returns.return_n;

create table final_payments as
select
    raw.n as _n,
    'erp' as source_system,
    'Z' || lpad(cast(raw.n + 1 as varchar), 8, '0') as payment_id,
    records.customer_id,
    records.source_system as customer_source_system,
    orders.order_id,
    orders.source_system as order_source_system,
    case raw.kind when 0 then 'receipt' else 'refund' end as payment_kind,
    ['card', 'wallet', 'invoice', 'cash'][1 + raw.method] as payment_method,
    on_day(raw.day) as paid_on,
    money(raw.amount_cents) as amount,
    money(nullif(raw.fee_cents, 0)) as fee_amount,
    currencies.currency_code,
    cast(null as boolean) as is_deleted,
    delivery_of(on_day(raw.day)) as _delivery
from raw_payments as raw
inner join currencies on raw.currency = currencies.currency
left join order_keys as orders on raw.order_n = orders.order_n
left join record_keys as records on raw.record = records.record;

-- A contract as it stood after each billed term: a version of the row for each delivery that brought a renewal.
create table subscription_states as
with prices as (
    select
        orders.currency,
        money(max(lines.price_cents)) as unit_list_price
    from raw_lines as lines
    inner join raw_orders as orders on lines.order_n = orders.n
    inner join articles on lines.article = articles.n
    where articles.product_id = 'SVC-CARE'
    group by orders.currency
)

select
    terms.contract as _n,
    'web_shop' as source_system,
    'ABO-' || (terms.contract + 1) as subscription_id,
    records.customer_id,
    cast(null as varchar) as customer_source_system,
    'SVC-CARE' as product_id,
    'erp' as product_source_system,
    on_day(min(terms.day) over (partition by terms.contract)) as started_on,
    terms.term_months,
    terms.term as renewal_count,
    case when not terms.is_last then on_day(terms.ends) end as next_renewal_on,
    case when terms.is_last then on_day(terms.ends) end as cancelled_on,
    prices.unit_list_price as term_amount,
    currencies.currency_code,
    cast(null as boolean) as is_deleted,
    delivery_of(on_day(terms.day)) as _delivery
from raw_subscription_terms as terms
inner join record_keys as records on terms.record = records.record
inner join currencies on terms.currency = currencies.currency
inner join prices on terms.currency = prices.currency
qualify row_number() over (partition by terms.contract, _delivery order by terms.term desc) = 1;

create table final_subscriptions as
select *
from subscription_states
qualify row_number() over (partition by _n order by _delivery desc) = 1;

create table versions_subscriptions as
select *
from subscription_states
qualify row_number() over (partition by _n order by _delivery desc) > 1;

-- Orders of the web shop that were cancelled, beside those that count: copies of some of them under numbers of their own, so that
-- nothing else moves. What was paid, paid back, sent and asked about them stays, and is booked; the work for it is none of the
-- volumes of which the overheads are made, as it fits into the capacity that is unused.
create table cancelled as
with eligible as (
    select
        raw.n,
        raw.day
    from raw_orders as raw
    inner join systems on raw.system = systems.system
    where
        systems.source_system = 'web_shop'
        and raw.record >= 0
        and raw.customer < last_customer()
        and raw.n not in (select wrong_codes.wrong_order from wrong_codes)
)

select
    eligible.n as _n,
    eligible.day,
    orders.order_id || 'C' as order_id,
    orders.ordered_at,
    orders.currency_code,
    row_number() over (order by eligible.n) as place
from eligible
inner join final_orders as orders on eligible.n = orders._n
where chosen(eligible.n, 3571, 4) or eligible.n = (select min(earliest.n) from eligible as earliest);

insert into final_payments by name
with due as (
    select
        cancelled.place,
        sum(lines.quantity * lines.unit_list_price - lines.discount_amount + lines.tax_amount) as amount
    from cancelled
    inner join final_order_lines as lines on cancelled._n = lines._order_n
    group by cancelled.place
)

select
    (select max(payments._n) from final_payments as payments) + 2 * cancelled.place + kinds.n as _n,
    'erp' as source_system,
    'ZC' || lpad(cast(2 * cancelled.place + kinds.n as varchar), 7, '0') as payment_id,
    cancelled.order_id,
    'web_shop' as order_source_system,
    kinds.payment_kind,
    'card' as payment_method,
    on_day(cancelled.day + kinds.days) as paid_on,
    cast(due.amount as decimal(18, 4)) as amount,
    case kinds.payment_kind when 'receipt' then cast(round(due.amount * 0.019 + 0.3, 2) as decimal(18, 4)) else 0.25 end as fee_amount,
    cancelled.currency_code,
    delivery_of(on_day(cancelled.day + kinds.days)) as _delivery
from cancelled
inner join due on cancelled.place = due.place
cross join (values (0, 'receipt', 0), (1, 'refund', 6)) as kinds (n, payment_kind, days)
where cancelled.day + kinds.days < window_days() and due.amount > 0;

-- Every second one was sent before somebody knew.
insert into final_shipments by name
select
    (select max(shipments._n) from final_shipments as shipments) + place as _n,
    'erp' as source_system,
    'SHC' || lpad(cast(place as varchar), 7, '0') as shipment_id,
    'outbound' as direction,
    order_id,
    'web_shop' as order_source_system,
    on_day(day + 1) as shipped_on,
    'ground' as ship_mode,
    money(640 + 10 * place) as freight_amount,
    currency_code,
    delivery_of(on_day(day + 1)) as _delivery
from cancelled
where place % 2 = 1 and day + 1 < window_days();

insert into final_tickets by name
select
    (select max(tickets._n) from final_tickets as tickets) + place as _n,
    'service_desk' as source_system,
    'TKC' || lpad(cast(place as varchar), 6, '0') as ticket_id,
    (select min(tickets.sales_rep_id) from final_tickets as tickets) as sales_rep_id,
    ordered_at + to_days(2) as opened_at,
    ordered_at + to_days(2) + to_minutes(45) as closed_at,
    'email' as channel,
    'delivery' as topic,
    cast(12 as decimal(18, 4)) as handling_minutes,
    order_id,
    'web_shop' as order_source_system,
    delivery_of(on_day(day + 2)) as _delivery
from cancelled
where day + 3 < window_days();

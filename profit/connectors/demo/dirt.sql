-- What goes wrong on the way: rows that come a delivery late, lines that come after their order, values that a later
-- delivery corrects, orders entered twice and withdrawn, and rows that cannot be landed. The final state stays as posted.

-- Corrected: an earlier version had a wrong value. The order with the mistyped currency code has its own.
create table corrected_orders as
select _n
from final_orders
where
    _delivery < last_delivery()
    and chosen(_n, 2713, 4)
    and not is_late(_n)
    and customer_id is not null
    and _n not in (select wrong_codes.wrong_order from wrong_codes);

insert into versions_orders
select * replace (null as customer_id, null as customer_source_system)
from final_orders
where _n in (from corrected_orders);

create table corrected_order_lines as
select _n
from final_order_lines
where _delivery < last_delivery() and chosen(_n, 4507, 5);

create table versions_order_lines as
select * replace (quantity + 1 as quantity, null as discount_amount)
from final_order_lines
where _n in (from corrected_order_lines);

create table corrected_returns as
select _n
from final_returns
where _delivery < last_delivery() and chosen(_n, 4507, 12);

create table versions_returns as
select * replace (null as is_resaleable, refund_amount + 1 as refund_amount)
from final_returns
where _n in (from corrected_returns);

create table corrected_shipments as
select _n
from final_shipments
where _delivery < last_delivery() and chosen(_n, 2713, 4);

create table versions_shipments as
select * replace (freight_amount * 2 as freight_amount)
from final_shipments
where _n in (from corrected_shipments);

create table corrected_payments as
select _n
from final_payments
where _delivery < last_delivery() and chosen(_n, 2713, 4);

create table versions_payments as
select * replace (null as fee_amount)
from final_payments
where _n in (from corrected_payments);

create table corrected_interactions as
select _n
from final_interactions
where _delivery < last_delivery() and chosen(_n, 2713, 3);

create table versions_interactions as
select * replace (duration_minutes * 10 as duration_minutes)
from final_interactions
where _n in (from corrected_interactions);

-- The line whose quantity is first sent in words.
create table worded_lines as
select min(_n) as _n
from final_order_lines
where source_system = 'phone_desk';

-- Late: an order with its lines, lines after their order, single rows of other feeds. The right version of a corrected row
-- comes a delivery later too.
create table late_orders as
select _n
from final_orders
where is_late(_n) and _n not in (select wrong_codes.wrong_order from wrong_codes);

update final_order_lines set _delivery = _delivery + 1
where
    _delivery < last_delivery()
    and (
        chosen(_order_n, 6151, 6)
        or _order_n in (from late_orders)
        or _n in (from corrected_order_lines)
        or _n in (from worded_lines)
    );

update final_orders set _delivery = _delivery + 1
where
    _delivery < last_delivery()
    and (_n in (from late_orders) or _n in (from corrected_orders));

update final_returns set _delivery = _delivery + 1
where _n in (from corrected_returns);

update final_shipments set _delivery = _delivery + 1
where _delivery < last_delivery() and (is_late(_n) or _n in (from corrected_shipments));

update final_payments set _delivery = _delivery + 1
where _delivery < last_delivery() and (is_late(_n) or _n in (from corrected_payments));

update final_interactions set _delivery = _delivery + 1
where _n in (from corrected_interactions);

update final_touches set _delivery = _delivery + 1
where _delivery < last_delivery() and is_late(_n);

update final_tickets set _delivery = _delivery + 1
where _delivery < last_delivery() and is_late(_n);

-- Entered twice by mistake, and withdrawn with the next delivery.
create table twice as
select
    raw.n as _n,
    keys.order_id || 'D' as second_id,
    states.is_deleted,
    delivery_of(on_day(raw.day)) + coalesce(cast(states.is_deleted as integer), 0) as _delivery
from raw_orders as raw
inner join order_keys as keys on raw.n = keys.order_n
cross join (values (null), (true)) as states (is_deleted)
where
    delivery_of(on_day(raw.day)) < last_delivery()
    and (chosen(raw.n, 4999, 2) or raw.n = 1)
    and raw.customer < last_customer();

insert into versions_orders
select
    orders.* replace (
        twice.second_id as order_id,
        twice.is_deleted as is_deleted,
        twice._delivery as _delivery
    )
from final_orders as orders
inner join twice on orders._n = twice._n;

insert into versions_order_lines
select
    lines.* replace (
        twice.second_id as order_id,
        lines.order_line_id || 'D' as order_line_id,
        twice.is_deleted as is_deleted,
        twice._delivery as _delivery
    )
from final_order_lines as lines
inner join twice on lines._order_n = twice._n;

-- Placed, and cancelled with the next delivery where there is one. The lines of a cancelled order stay.
create table cancelled_states as
select
    cancelled._n,
    cancelled.order_id,
    states.order_status,
    least(delivery_of(on_day(cancelled.day)) + states.later, last_delivery()) as _delivery
from cancelled
cross join (values ('placed', 0), ('cancelled', 1)) as states (order_status, later)
where states.later = 1 or delivery_of(on_day(cancelled.day)) < last_delivery();

insert into versions_orders
select
    orders.* replace (
        states.order_id as order_id,
        states.order_status as order_status,
        states._delivery as _delivery
    )
from final_orders as orders
inner join cancelled_states as states on orders._n = states._n;

insert into versions_order_lines
select
    lines.* replace (
        cancelled.order_id as order_id,
        cancelled.order_id || '-' || row_number() over (partition by cancelled.order_id order by lines._n) as order_line_id,
        delivery_of(on_day(cancelled.day)) as _delivery
    )
from final_order_lines as lines
inner join cancelled on lines._order_n = cancelled._n;

-- Rows that landing refuses: a row sent twice, the total under an export, a quantity in words (sent properly with the next
-- delivery), a score that is none.
create table refused_payments as
with first_payment as (
    select *
    from final_payments
    order by _n
    limit 1
)

from first_payment
union all
select * replace ('TOTAL' as payment_id, null as paid_on, null as customer_id, null as order_id)
from first_payment;

create table refused_order_lines as
select lines.* replace (delivery_of(cast(orders.ordered_at as date)) as _delivery)
from final_order_lines as lines
inner join worded_lines on lines._n = worded_lines._n
inner join final_orders as orders on lines._order_n = orders._n;

create table refused_surveys as
select * replace ('SV-TEST' as survey_answer_id)
from final_surveys
order by _n
limit 1;

create macro true_id(n) as case when n >= 0 then 'T' || lpad(cast(n + 1 as varchar), 7, '0') end;

create table truth_records as
select
    'customer' as record_kind,
    source_system,
    customer_id as source_customer_id,
    true_id(customer) as true_customer_id
from record_keys
union all
select
    'lead' as record_kind,
    'marketing_hub' as source_system,
    lead_id as source_customer_id,
    true_id(customer) as true_customer_id
from lead_keys;

create table truth_customers as
-- The true customer behind each order, also where the order names nobody.
with sales as (
    select
        orders.customer,
        sum(lines.gross_amount - lines.discount_amount) as net_amount,
        sum(lines.gross_amount - lines.discount_amount - coalesce(lines.cost_amount, 0)) as margin_amount,
        count(distinct lines.order_n) as orders,
        max(lines.on_date) as last_order_on
    from valued_lines as lines
    inner join raw_orders as orders on lines.order_n = orders.n
    group by orders.customer
)

select
    true_id(people.n) as true_customer_id,
    case when people.is_organisation then 'organisation' else 'person' end as customer_kind,
    countries.country_code,
    true_id(people.parent) as parent_true_customer_id,
    on_day(people.acquired) as acquired_on,
    media.media_source as acquisition_media_source,
    people.purchase_rate * 30.4375 as purchases_per_month,
    people.dropout as dropout_probability,
    people.spend_level,
    people.discount_level,
    people.return_rate,
    people.call_rate as calls_per_month,
    people.visit_rate as visits_per_month,
    people.ticket_rate as tickets_per_month,
    people.is_demanding,
    people.is_still_customer,
    coalesce(sales.orders, 0) as orders_in_window,
    sales.last_order_on,
    sales.net_amount,
    sales.margin_amount,
    cast(sales.margin_amount as double) / nullif(cast(sales.net_amount as double), 0) as mean_margin
from true_people as people
inner join true_countries as countries on people.country = countries.n
left join true_media as media on people.media = media.n
left join sales on people.n = sales.customer;

-- Work done for each customer, at the rates from which the overheads were made; unused capacity is in nobody's cost.
create table truth_true_costs as
with of_orders as (
    select
        raw.customer,
        count(*) filter (orders.source_system <> 'stores') as remote_orders,
        count(*) filter (orders.source_system = 'web_shop') as web_orders,
        count(*) filter (orders.source_system = 'stores') as store_orders,
        count(*) filter (orders.has_special_packaging) as special_packages
    from final_orders as orders
    inner join raw_orders as raw on orders._n = raw.n
    group by raw.customer
),

of_lines as (
    select
        orders.customer,
        count(*) as lines,
        count(*) filter (keys.source_system <> 'stores') as remote_lines
    from raw_lines as lines
    inner join raw_orders as orders on lines.order_n = orders.n
    inner join order_keys as keys on lines.order_n = keys.order_n
    group by orders.customer
),

of_payments as (
    select
        orders.customer,
        count(*) filter (payments.payment_method = 'invoice') as invoices
    from final_payments as payments
    inner join raw_payments as raw on payments._n = raw.n
    inner join raw_orders as orders on raw.order_n = orders.n
    group by orders.customer
),

of_shipments as (
    select
        orders.customer,
        count(*) as shipments
    from raw_shipments as shipments
    inner join raw_orders as orders on shipments.order_n = orders.n
    group by orders.customer
),

of_returns as (
    select
        orders.customer,
        count(*) as returns,
        count(*) filter (returns.source_system = 'stores') as store_returns
    from final_returns as returns
    inner join raw_returns as raw on returns._n = raw.n
    inner join raw_orders as orders on raw.order_n = orders.n
    group by orders.customer
),

records as (
    select
        record,
        customer,
        source_system,
        customer_id
    from record_keys
    where customer >= 0
),

of_tickets as (
    select
        records.customer,
        sum(tickets.minutes) as ticket_minutes
    from raw_tickets as tickets
    inner join records on tickets.record = records.record
    group by records.customer
),

of_claims as (
    select
        records.customer,
        sum(claims.minutes) as claim_minutes
    from raw_claims as claims
    inner join records on claims.record = records.record
    group by records.customer
),

of_contacts as (
    select
        records.customer,
        sum(contacts.duration_minutes) filter (contacts.source_system = 'phone_desk') as desk_minutes,
        count(*) filter (contacts.source_system = 'phone_desk') as desk_calls,
        sum(contacts.duration_minutes) filter (contacts.source_system = 'crm') as field_minutes,
        count(*) filter (contacts.source_system = 'crm' and contacts.interaction_kind <> 'call') as visits
    from final_interactions as contacts
    inner join records
        on coalesce(contacts.customer_source_system, contacts.source_system) = records.source_system
        and contacts.customer_id = records.customer_id
    group by records.customer
),

of_touches as (
    select
        records.customer,
        count(*) filter (touches.touch_kind = 'mail') as mailings,
        count(*) filter (touches.touch_kind = 'email') as e_mails
    from final_touches as touches
    inner join records on touches.source_system = records.source_system and touches.customer_id = records.customer_id
    group by records.customer
),

work as (
    from of_orders
    union all by name
    from of_lines
    union all by name
    from of_payments
    union all by name
    from of_shipments
    union all by name
    from of_returns
    union all by name
    from of_tickets
    union all by name
    from of_claims
    union all by name
    from of_contacts
    union all by name
    from of_touches
),

quantities as (
    unpivot work on columns(* exclude (customer)) into name measure value quantity
),

rates as (
    select
        measure,
        sum(rate) as rate
    from overhead_rates
    group by measure
)

select
    true_id(quantities.customer) as true_customer_id,
    quantities.measure as cost_kind,
    cast(quantities.quantity as double) as quantity,
    rates.rate,
    round(cast(quantities.quantity as double) * rates.rate, 2) as amount
from quantities
inner join rates on quantities.measure = rates.measure
where quantities.quantity > 0;

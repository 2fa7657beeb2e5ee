create macro month_of(place) as cast(on_day(0) + to_months(cast(place as integer)) as date);

-- What the company did in the whole window; the overheads are the cost of the capacity for it, much the same each month.
create table volumes as
with of_orders as (
    select
        count(*) filter (source_system <> 'stores') as remote_orders,
        count(*) filter (source_system = 'web_shop') as web_orders,
        count(*) filter (source_system = 'stores') as store_orders,
        count(*) filter (has_special_packaging) as special_packages
    from final_orders
),

of_lines as (
    select
        count(*) as lines,
        count(*) filter (source_system <> 'stores') as remote_lines
    from final_order_lines
),

of_payments as (
    select count(*) filter (payment_method = 'invoice') as invoices
    from final_payments
),

of_shipments as (
    select count(*) as shipments
    from raw_shipments
),

of_returns as (
    select
        count(*) as returns,
        count(*) filter (source_system = 'stores') as store_returns
    from final_returns
),

of_tickets as (
    select sum(handling_minutes) as ticket_minutes
    from final_tickets
    where order_id is null
),

of_claims as (
    select sum(handling_minutes) as claim_minutes
    from final_warranty_claims
),

of_contacts as (
    select
        sum(duration_minutes) filter (source_system = 'phone_desk') as desk_minutes,
        count(*) filter (source_system = 'phone_desk') as desk_calls,
        sum(duration_minutes) filter (source_system = 'crm') as field_minutes,
        count(*) filter (source_system = 'crm' and interaction_kind <> 'call') as visits
    from final_interactions
),

of_touches as (
    select
        count(*) filter (touch_kind = 'mail') as mailings,
        count(*) filter (touch_kind = 'email') as e_mails
    from final_touches
),

of_sales as (
    select sum(gross_amount - discount_amount) as net_sales
    from valued_lines
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
    union all by name
    from of_sales
)

unpivot work on columns(*) into name measure value volume;

create table overhead_sides as
with costs as (
    select
        rates.account_id,
        sum(rates.rate * cast(coalesce(volumes.volume, 0) as double)) as cost_of_window
    from overhead_rates as rates
    left join volumes on rates.measure = volumes.measure
    group by rates.account_id
)

select
    case overheads.account_id when '7740' then 'DEPR' else 'OVER' end as kind,
    'erp' as source_system,
    month_of(noise.month) + cast(overheads.day_of_month - 1 as integer) as on_date,
    overheads.account_id,
    cast(round(costs.cost_of_window / (last_delivery() + 1) * noise.factor, 2) as decimal(18, 4)) as amount
from overhead_accounts as overheads
inner join costs on overheads.account_id = costs.account_id
inner join overhead_noise as noise on overheads.n = noise.place;

create table opportunity_keys as
select n as opportunity, 'OP' || lpad(cast(n + 1 as varchar), 6, '0') as opportunity_id from raw_opportunities;

create macro stage_name(stage) as ['qualify', 'propose', 'negotiate', 'won', 'lost'][1 + stage];
create macro stage_probability(stage) as cast([0.2, 0.45, 0.7, 1.0, 0.0][1 + stage] as double);

-- One change a stage: evenly spread over the life of the opportunity, the decision on the day it is closed.
create table final_opportunity_events as
select
    row_number() over (order by moment, opportunity, stage) as _n,
    'crm' as source_system,
    'OE' || lpad(cast(row_number() over (order by moment, opportunity, stage) as varchar), 7, '0') as opportunity_event_id,
    keys.opportunity_id,
    moment as occurred_at,
    stage_name(stage) as stage,
    money(case when stage = 0 then first_cents else amount_cents end) as amount,
    currencies.currency_code,
    stage_probability(stage) as probability,
    cast(null as boolean) as is_deleted,
    delivery_of(cast(moment as date)) as _delivery
from (
    select n as opportunity, currency, amount_cents, first_cents, stages.stage,
        at_second(opened + lasts * stages.stage // 4, 32400 + 600 * stages.stage) as moment
    from raw_opportunities as raw
    inner join (values (0), (1), (2)) as stages (stage) on stages.stage <= raw.reached
    where opened + lasts * stages.stage // 4 < window_days()
    union all
    select n, currency, amount_cents, first_cents, stage, at_second(closed, 61200) from raw_opportunities where stage >= 3
)
inner join opportunity_keys as keys using (opportunity)
inner join currencies using (currency);

create table final_opportunities as
select
    o.n as _n,
    'crm' as source_system,
    keys.opportunity_id,
    records.customer_id,
    case when records.source_system <> 'crm' then records.source_system end as customer_source_system,
    leads.lead_id,
    reps.sales_rep_id,
    territories.territory_id,
    campaigns.campaign_id,
    on_day(o.opened) as opened_on,
    on_day(o.expected) as expected_close_on,
    on_day(o.closed) as closed_on,
    last_events.stage,
    last_events.amount,
    currencies.currency_code,
    last_events.probability,
    cast(null as boolean) as is_deleted,
    last_events._delivery
from raw_opportunities as o
inner join opportunity_keys as keys on o.n = keys.opportunity
inner join rep_keys as reps on o.rep = reps.rep
inner join territories on o.territory = territories.n
inner join currencies using (currency)
inner join (
    select * from final_opportunity_events
    qualify row_number() over (partition by opportunity_id order by occurred_at desc) = 1
) as last_events on keys.opportunity_id = last_events.opportunity_id
left join record_keys as records on o.record = records.record
left join lead_keys as leads on o.lead = leads.lead
left join campaign_keys as campaigns on o.campaign = campaigns.campaign;

-- What the CRM delivered of an opportunity before the last change: its state at the end of an earlier month.
create table versions_opportunities as
select final.* replace (
    null as closed_on, events.stage as stage, events.amount as amount, events.probability as probability,
    events._delivery as _delivery
)
from final_opportunities as final
inner join (
    select * from final_opportunity_events
    qualify row_number() over (partition by opportunity_id, _delivery order by occurred_at desc) = 1
) as events on final.opportunity_id = events.opportunity_id and events._delivery < final._delivery;

create table final_interactions as
select
    i.n as _n,
    i.source_system,
    upper(left(i.source_system, 1)) || 'I' || lpad(cast(row_number() over (partition by i.source_system order by i.n) as varchar), 8, '0')
        as interaction_id,
    records.customer_id,
    case when records.source_system <> i.source_system then records.source_system end as customer_source_system,
    leads.lead_id,
    reps.sales_rep_id,
    ['call', 'visit', 'demo'][1 + i.kind] as interaction_kind,
    case when i.order_n >= 0 then final_orders.ordered_at - to_minutes(i.minutes) else at_second(i.day, i.second) end as occurred_at,
    cast(i.minutes as decimal(18, 4)) as duration_minutes,
    ['sale', 'follow_up', 'no_interest', 'no_answer', 'solved'][1 + i.outcome] as outcome,
    final_orders.order_id,
    case when final_orders.source_system <> i.source_system then final_orders.source_system end as order_source_system,
    cast(null as boolean) as is_deleted,
    delivery_of(on_day(i.day)) as _delivery
from (select *, case when in_crm then 'crm' else 'phone_desk' end as source_system from raw_interactions) as i
inner join rep_keys as reps using (rep)
left join record_keys as records on i.record = records.record
left join lead_keys as leads on i.lead = leads.lead
left join final_orders on i.order_n = final_orders._n;

create table final_referrals as
select
    r.n as _n,
    'crm' as source_system,
    'RF' || lpad(cast(r.n + 1 as varchar), 6, '0') as referral_id,
    records.customer_id,
    case when records.source_system <> 'crm' then records.source_system end as customer_source_system,
    brought.customer_id as referred_customer_id,
    brought.source_system as referred_customer_source_system,
    cast(null as varchar) as referred_lead_id,
    on_day(r.day) as referred_on,
    r.is_reference,
    cast(null as boolean) as is_deleted,
    delivery_of(on_day(r.day)) as _delivery
from raw_referrals as r
inner join record_keys as records using (record)
inner join record_keys as brought on r.brought_record = brought.record;

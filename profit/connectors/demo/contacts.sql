create table opportunity_keys as
select
    n as opportunity,
    'OP' || lpad(cast(n + 1 as varchar), 6, '0') as opportunity_id
from raw_opportunities;

-- Every other opportunity comes from a team that still works in another system, with names of its own.
create macro stage_name(opportunity, stage) as (
    case
        when opportunity % 2 = 0 then ['qualify', 'propose', 'negotiate', 'won', 'lost'][1 + stage]
        else ['Qualification', 'Proposal/Price Quote', 'Negotiation/Review', 'Closed Won', 'Closed Lost'][1 + stage]
    end
);
-- One in nine of those lost comes back a week later; one in eleven is never proposed; of one in thirteen the proposal is entered a month late.
create macro is_reopened(opportunity, stage, closed) as (opportunity % 9 = 4 and stage = 4 and closed + 7 < window_days());
create macro is_jumped(opportunity, stage) as (opportunity % 11 = 3 and stage = 1);
create macro is_backdated(opportunity, stage) as (opportunity % 13 = 5 and stage = 1);
create macro is_late(n) as chosen(n, 7919, 10);
create macro stage_probability(stage) as cast([0.2, 0.45, 0.7, 1.0, 0.0][1 + stage] as double);

-- One change a stage: evenly spread over the life of the opportunity, the decision on the day it is closed.
create table final_opportunity_events as
with changes as (
    select
        raw.n as opportunity,
        raw.currency,
        passed.stage,
        case passed.stage when 0 then raw.first_cents else raw.amount_cents end as cents,
        at_second(raw.opened + raw.lasts * passed.stage // 4, 32400 + 600 * passed.stage) as moment
    from raw_opportunities as raw
    inner join (values (0), (1), (2)) as passed (stage) on raw.reached >= passed.stage
    where raw.opened + raw.lasts * passed.stage // 4 < window_days() and not is_jumped(raw.n, passed.stage)
    union all
    select
        n as opportunity,
        currency,
        stage,
        amount_cents as cents,
        at_second(closed, 61200) as moment
    from raw_opportunities
    where stage >= 3
    union all
    select
        n as opportunity,
        currency,
        2 as stage,
        first_cents as cents,
        at_second(closed + 7, 36000) as moment
    from raw_opportunities
    where is_reopened(n, stage, closed)
),

numbered as (
    select
        *,
        row_number() over (order by moment, opportunity, stage) as place
    from changes
)

select
    numbered.place as _n,
    'crm' as source_system,
    'OE' || lpad(cast(numbered.place as varchar), 7, '0') as opportunity_event_id,
    keys.opportunity_id,
    numbered.moment as occurred_at,
    stage_name(numbered.opportunity, numbered.stage) as stage,
    money(numbered.cents) as amount,
    currencies.currency_code,
    stage_probability(numbered.stage) as probability,
    -- First hoped for earlier: what is decided later was pushed.
    case when numbered.stage < 3 then on_day(raw.expected - 10 * (2 - numbered.stage)) end as expected_close_on,
    cast(null as varchar) as sales_rep_id,
    cast(null as varchar) as territory_id,
    cast(null as boolean) as is_deleted,
    delivery_of(
        cast(numbered.moment as date) + case when is_backdated(numbered.opportunity, numbered.stage) then 31 else 0 end
    ) as _delivery,
    delivery_of(cast(numbered.moment as date)) as _seen
from numbered
inner join raw_opportunities as raw on numbered.opportunity = raw.n
inner join opportunity_keys as keys on numbered.opportunity = keys.opportunity
inner join currencies on numbered.currency = currencies.currency;

create table final_opportunities as
with last_events as (
    select *
    from final_opportunity_events
    qualify row_number() over (partition by opportunity_id order by occurred_at desc) = 1
)

select
    raw.n as _n,
    'crm' as source_system,
    keys.opportunity_id,
    records.customer_id,
    case when records.source_system <> 'crm' then records.source_system end as customer_source_system,
    leads.lead_id,
    reps.sales_rep_id,
    territories.territory_id,
    campaigns.campaign_id,
    on_day(raw.opened) as opened_on,
    on_day(raw.expected) as expected_close_on,
    case when not is_reopened(raw.n, raw.stage, raw.closed) then on_day(raw.closed) end as closed_on,
    last_events.stage,
    last_events.amount,
    currencies.currency_code,
    last_events.probability,
    orders.order_id,
    orders.source_system as order_source_system,
    cast(null as boolean) as is_deleted,
    last_events._seen as _delivery
from raw_opportunities as raw
inner join opportunity_keys as keys on raw.n = keys.opportunity
inner join last_events on keys.opportunity_id = last_events.opportunity_id
inner join rep_keys as reps on raw.rep = reps.rep
inner join territories on raw.territory = territories.n
inner join currencies on raw.currency = currencies.currency
left join record_keys as records on raw.record = records.record
left join lead_keys as leads on raw.lead = leads.lead
left join campaign_keys as campaigns on raw.campaign = campaigns.campaign
-- One that comes late is not there yet when the CRM would name it.
left join final_orders as orders on case when not is_late(raw.order_n) then raw.order_n end = orders._n;

-- What the CRM delivered of an opportunity before the last change: its state at the end of an earlier month.
create table versions_opportunities as
with month_ends as (
    select *
    from final_opportunity_events
    qualify row_number() over (partition by opportunity_id, _seen order by occurred_at desc) = 1
)

select
    final.* replace (
        null as closed_on,
        null as order_id,
        null as order_source_system,
        month_ends.stage as stage,
        month_ends.amount as amount,
        month_ends.probability as probability,
        month_ends._seen as _delivery
    )
from final_opportunities as final
inner join month_ends on final.opportunity_id = month_ends.opportunity_id and final._delivery > month_ends._seen;

create table final_interactions as
with numbered as (
    select
        *,
        case when in_crm then 'crm' else 'phone_desk' end as source_system,
        row_number() over (partition by in_crm order by n) as place
    from raw_interactions
)

select
    numbered.n as _n,
    numbered.source_system,
    case when numbered.in_crm then 'CI' else 'PI' end || lpad(cast(numbered.place as varchar), 8, '0') as interaction_id,
    records.customer_id,
    case when records.source_system <> numbered.source_system then records.source_system end as customer_source_system,
    leads.lead_id,
    reps.sales_rep_id,
    ['call', 'visit', 'demo'][1 + numbered.kind] as interaction_kind,
    case
        when numbered.order_n >= 0 then orders.ordered_at - to_minutes(numbered.minutes)
        else at_second(numbered.day, numbered.second)
    end as occurred_at,
    cast(numbered.minutes as decimal(18, 4)) as duration_minutes,
    ['sale', 'follow_up', 'no_interest', 'no_answer', 'solved'][1 + numbered.outcome] as outcome,
    orders.order_id,
    case when orders.source_system <> numbered.source_system then orders.source_system end as order_source_system,
    cast(null as boolean) as is_deleted,
    delivery_of(on_day(numbered.day)) as _delivery
from numbered
inner join rep_keys as reps on numbered.rep = reps.rep
left join record_keys as records on numbered.record = records.record
left join lead_keys as leads on numbered.lead = leads.lead
left join final_orders as orders on numbered.order_n = orders._n;

create table final_referrals as
select
    raw.n as _n,
    'crm' as source_system,
    'RF' || lpad(cast(raw.n + 1 as varchar), 6, '0') as referral_id,
    records.customer_id,
    case when records.source_system <> 'crm' then records.source_system end as customer_source_system,
    brought.customer_id as referred_customer_id,
    brought.source_system as referred_customer_source_system,
    cast(null as varchar) as referred_lead_id,
    on_day(raw.day) as referred_on,
    raw.is_reference,
    cast(null as boolean) as is_deleted,
    delivery_of(on_day(raw.day)) as _delivery
from raw_referrals as raw
inner join record_keys as records on raw.record = records.record
inner join record_keys as brought on raw.brought_record = brought.record;

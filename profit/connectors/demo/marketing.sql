create table final_media_spend as
select
    s.n as _n,
    'marketing_hub' as source_system,
    'MS' || lpad(cast(s.n + 1 as varchar), 6, '0') as media_spend_id,
    keys.campaign_id,
    cast(null as varchar) as media_source,
    on_day(s.day) as spent_on,
    money(s.cents) as amount,
    currencies.currency_code,
    cast(null as boolean) as is_deleted,
    delivery_of(on_day(s.day)) as _delivery
from raw_spend as s
inner join campaign_keys as keys using (campaign)
inner join currencies using (currency);

create table lead_keys as
select n as lead, customer, 'L' || lpad(cast(n + 1 as varchar), 7, '0') as lead_id from raw_leads;

create table final_leads as
select
    l.n as _n,
    'marketing_hub' as source_system,
    keys.lead_id,
    case when coalesce(who.is_organisation, false) and l.n % 2 = 0 then null
        when who.customer is null then first.word when l.n % 9 = 0 then left(who.first_name, 1) || '.' else who.first_name
    end as first_name,
    case when coalesce(who.is_organisation, false) and l.n % 2 = 0 then null
        when who.customer is null then last.word when l.n % 11 = 0 then mistyped(who.last_name, l.n % 3, l.n)
        else who.last_name end as last_name,
    case when who.is_organisation then who.firm_name
        when who.customer is null and l.n % 6 = 0 then firm.word || ' ' || trade.word end as organisation_name,
    case when l.n % 4 = 0 then null when who.customer is null
        then lower(strip_accents(first.word || last.word)) || l.n || '@prospect.example' else who.email end as email,
    case when l.media = 1 or l.n % 5 = 0 then '+' || country.dial || ' ' || coalesce(who.phone, l.phone) end as phone,
    case when l.media <> 2 then coalesce(who.house || ' ' || who.street || ' Street', l.house || ' ' || street.word || ' Street')
        end as address_line,
    case when l.media <> 2 then coalesce(who.postal_code, lpad(cast(city.postal * 100 + l.postal as varchar), 5, '0'))
        end as postal_code,
    coalesce(who.city, city.city) as city,
    coalesce(who.region, city.region) as region,
    country.country_code,
    coalesce(who.industry, occupation.word) as industry,
    campaigns.campaign_id,
    case when l.n % 8 = 0 then media_sources.media_source end as media_source,
    at_second(l.day, l.second) as created_at,
    money(nullif(l.fee_cents, 0)) as fee_amount,
    case when l.fee_cents > 0 then currencies.currency_code end as currency_code,
    records.customer_id,
    records.source_system as customer_source_system,
    on_day(l.converted) as converted_on,
    ['open', 'converted', 'lost'][1 + l.status] as status,
    cast(null as boolean) as is_deleted,
    delivery_of(on_day(greatest(l.day, l.converted))) as _delivery
from raw_leads as l
inner join lead_keys as keys on l.n = keys.lead
inner join word_first as first on l.first = first.n
inner join word_last as last on l.last = last.n
inner join word_firm as firm on l.firm = firm.n
inner join word_trade as trade on l.trade = trade.n
inner join word_street as street on l.street = street.n
inner join word_city as city on l.city = city.n
inner join word_country as country on l.country = country.n
inner join word_occupation as occupation on l.occupation = occupation.n
inner join campaign_keys as campaigns using (campaign)
inner join currencies on l.currency = currencies.currency
inner join raw_campaigns as media_sources on l.campaign = media_sources.n
left join identities as who on l.customer = who.customer
left join record_keys as records on l.record = records.record;

-- Before it became a customer a lead was delivered as open.
create table versions_leads as
select * replace (
    null as customer_id, null as customer_source_system, null as converted_on, 'open' as status,
    delivery_of(cast(created_at as date)) as _delivery
)
from final_leads
where status = 'converted' and delivery_of(cast(created_at as date)) < _delivery;

create table final_promotion_redemptions as
select
    r.n as _n,
    'rebate_centre' as source_system,
    'RB' || lpad(cast(r.n + 1 as varchar), 7, '0') as redemption_id,
    ['rebate', 'coupon', 'matched'][1 + r.kind] as promotion_kind,
    campaigns.campaign_id,
    records.customer_id,
    cast(null as varchar) as customer_source_system,
    case when r.has_order then orders.order_id end as order_id,
    case when r.has_order and r.n % 4 > 0 or articles.product_id = 'CAM-V600'
        then orders.order_id || '-' || lines.line_number end as order_line_id,
    case when r.has_order then orders.source_system end as order_source_system,
    articles.product_id,
    cast(null as varchar) as product_source_system,
    on_day(r.claimed) as claimed_on,
    on_day(r.paid) as paid_on,
    money(r.cents) as amount,
    currencies.currency_code,
    cast(null as boolean) as is_deleted,
    delivery_of(on_day(greatest(r.claimed, r.paid))) as _delivery
from raw_redemptions as r
inner join order_keys as orders using (order_n)
inner join raw_lines as lines on r.line_n = lines.n
inner join articles on lines.article = articles.n
inner join currencies on r.currency = currencies.currency
inner join record_keys as records on r.record = records.record
inner join campaign_keys as campaigns on r.campaign = campaigns.campaign;

create table versions_promotion_redemptions as
select * replace (null as paid_on, delivery_of(claimed_on) as _delivery)
from final_promotion_redemptions
where delivery_of(claimed_on) < _delivery;

create table final_media_spend as
select
    raw.n as _n,
    'marketing_hub' as source_system,
    'MS' || lpad(cast(raw.n + 1 as varchar), 6, '0') as media_spend_id,
    keys.campaign_id,
    cast(null as varchar) as media_source,
    on_day(raw.day) as spent_on,
    money(raw.cents) as amount,
    currencies.currency_code,
    cast(null as boolean) as is_deleted,
    delivery_of(on_day(raw.day)) as _delivery
from raw_spend as raw
inner join campaign_keys as keys on raw.campaign = keys.campaign
inner join currencies on raw.currency = currencies.currency;

create table lead_keys as
select
    n as lead,
    customer,
    'L' || lpad(cast(n + 1 as varchar), 7, '0') as lead_id
from raw_leads;

create table final_leads as
select
    raw.n as _n,
    'marketing_hub' as source_system,
    keys.lead_id,
    case
        when who.is_organisation and raw.n % 2 = 0 then null
        when who.customer is null then first_names.word
        when raw.n % 9 = 0 then left(who.first_name, 1) || '.'
        else who.first_name
    end as first_name,
    case
        when who.is_organisation and raw.n % 2 = 0 then null
        when who.customer is null then last_names.word
        when raw.n % 11 = 0 then mistyped(who.last_name, raw.n % 3, raw.n)
        else who.last_name
    end as last_name,
    case
        when who.is_organisation then who.firm_name
        when who.customer is null and raw.n % 6 = 0 then firms.word || ' ' || trades.word
    end as organisation_name,
    case
        when raw.n % 4 = 0 then null
        when who.customer is null then lower(strip_accents(first_names.word || last_names.word)) || raw.n || '@prospect.example'
        else who.email
    end as email,
    case
        when raw.media = 1 or raw.n % 5 = 0 then '+' || countries.dial || ' ' || coalesce(who.phone, raw.phone)
    end as phone,
    case
        when raw.media <> 2
            then coalesce(who.house || ' ' || who.street, raw.house || ' ' || streets.word) || ' Street'
    end as address_line,
    case
        when raw.media <> 2
            then coalesce(who.postal_code, lpad(cast(cities.postal * 100 + raw.postal as varchar), 5, '0'))
    end as postal_code,
    coalesce(who.city, cities.city) as city,
    coalesce(who.region, cities.region) as region,
    countries.country_code,
    coalesce(who.industry, occupations.word) as industry,
    campaigns.campaign_id,
    case when raw.n % 8 = 0 then media_sources.media_source end as media_source,
    at_second(raw.day, raw.second) as created_at,
    money(nullif(raw.fee_cents, 0)) as fee_amount,
    case when raw.fee_cents > 0 then currencies.currency_code end as currency_code,
    records.customer_id,
    records.source_system as customer_source_system,
    on_day(raw.converted) as converted_on,
    ['open', 'converted', 'lost'][1 + raw.status] as status,
    cast(null as boolean) as is_deleted,
    delivery_of(on_day(greatest(raw.day, raw.converted))) as _delivery
from raw_leads as raw
inner join lead_keys as keys on raw.n = keys.lead
inner join word_first as first_names on raw.first = first_names.n
inner join word_last as last_names on raw.last = last_names.n
inner join word_firm as firms on raw.firm = firms.n
inner join word_trade as trades on raw.trade = trades.n
inner join word_street as streets on raw.street = streets.n
inner join word_city as cities on raw.city = cities.n
inner join word_country as countries on raw.country = countries.n
inner join word_occupation as occupations on raw.occupation = occupations.n
inner join campaign_keys as campaigns on raw.campaign = campaigns.campaign
inner join raw_campaigns as media_sources on raw.campaign = media_sources.n
inner join currencies on raw.currency = currencies.currency
left join identities as who on raw.customer = who.customer
left join record_keys as records on raw.record = records.record;

-- Before it became a customer a lead was delivered as open.
create table versions_leads as
select
    * replace (
        null as customer_id,
        null as customer_source_system,
        null as converted_on,
        'open' as status,
        delivery_of(cast(created_at as date)) as _delivery
    )
from final_leads
where status = 'converted' and delivery_of(cast(created_at as date)) < _delivery;

create table final_promotion_redemptions as
select
    raw.n as _n,
    'rebate_centre' as source_system,
    'RB' || lpad(cast(raw.n + 1 as varchar), 7, '0') as redemption_id,
    ['rebate', 'coupon', 'matched'][1 + raw.kind] as promotion_kind,
    campaigns.campaign_id,
    records.customer_id,
    cast(null as varchar) as customer_source_system,
    case when raw.has_order then orders.order_id end as order_id,
    case
        when raw.has_order and raw.n % 4 > 0 or articles.product_id = 'CAM-V600'
            then orders.order_id || '-' || lines.line_number
    end as order_line_id,
    case when raw.has_order then orders.source_system end as order_source_system,
    articles.product_id,
    cast(null as varchar) as product_source_system,
    on_day(raw.claimed) as claimed_on,
    on_day(raw.paid) as paid_on,
    money(raw.cents) as amount,
    currencies.currency_code,
    cast(null as boolean) as is_deleted,
    delivery_of(on_day(greatest(raw.claimed, raw.paid))) as _delivery
from raw_redemptions as raw
inner join order_keys as orders on raw.order_n = orders.order_n
inner join raw_lines as lines on raw.line_n = lines.n
inner join articles on lines.article = articles.n
inner join currencies on raw.currency = currencies.currency
inner join record_keys as records on raw.record = records.record
inner join campaign_keys as campaigns on raw.campaign = campaigns.campaign;

create table versions_promotion_redemptions as
select * replace (null as paid_on, delivery_of(claimed_on) as _delivery)
from final_promotion_redemptions
where delivery_of(claimed_on) < _delivery;

-- Numbers of the records. The plain numbers of the stores, the phone desk and the service desk overlap: a number says
-- nothing without its system.
create table record_keys as
with numbered as (
    select
        n,
        customer,
        system,
        row_number() over (partition by system order by n) as place
    from raw_records
)

select
    numbered.n as record,
    numbered.customer,
    systems.source_system,
    case systems.source_system
        when 'web_shop' then 'W' || (100000 + numbered.place)
        when 'crm' then 'C-' || lpad(cast(numbered.place as varchar), 6, '0')
        when 'marketing_hub' then 'M' || (500000 + numbered.place)
        when 'rebate_centre' then 'RC' || numbered.place
        else cast(10000 + numbered.place as varchar)
    end as customer_id
from numbered
inner join systems on numbered.system = systems.system;

-- What a clerk or a form makes of a name: two letters swapped, one left out, one doubled.
create macro mistyped(word, kind, spot) as case
    when length(word) < 4 then word
    when kind = 0
        then
            left(word, 1 + spot % (length(word) - 2))
            || substr(word, 3 + spot % (length(word) - 2), 1)
            || substr(word, 2 + spot % (length(word) - 2), 1)
            || substr(word, 4 + spot % (length(word) - 2))
    when kind = 1 then left(word, 1 + spot % (length(word) - 2)) || substr(word, 3 + spot % (length(word) - 2))
    else left(word, 2 + spot % (length(word) - 2)) || substr(word, 2 + spot % (length(word) - 2))
end;

-- The marketing hub has the postal address of those to whom it sends catalogues.
create macro is_mailed_only_electronically(source_system, spot) as source_system = 'marketing_hub' and spot % 10 >= 7;

create table written_records as
with who as (
    select
        *,
        cast(phone as varchar) as digits
    from identities
)

select
    raw.n,
    raw.customer,
    raw.copy,
    raw.changed,
    keys.source_system,
    keys.customer_id,
    case
        when who.is_organisation then 'organisation'
        when raw.mail_die < 300 and not who.is_organisation then null
        else 'person'
    end as customer_kind,
    case
        when raw.copy = 2 then 'Test'
        when who.is_organisation and raw.name_die % 2 = 0 then null
        when raw.name_die < 70 then left(who.first_name, 1) || '.'
        when raw.name_die < 90 then mistyped(who.first_name, raw.spot % 3, raw.spot)
        when keys.source_system = 'phone_desk' and raw.name_die < 190 then upper(who.first_name)
        else who.first_name
    end as first_name,
    case
        when raw.copy = 2 then 'Test'
        when who.is_organisation and raw.name_die % 2 = 0 then null
        when raw.name_die >= 940 then mistyped(who.last_name, raw.spot % 3, raw.spot)
        when keys.source_system in ('stores', 'phone_desk') and raw.name_die >= 700 then strip_accents(who.last_name)
        when keys.source_system = 'phone_desk' and raw.name_die < 190 then upper(who.last_name)
        else who.last_name
    end as last_name,
    case
        when not who.is_organisation then null
        when raw.name_die >= 950 then mistyped(who.firm_name, raw.spot % 3, raw.spot) || ' ' || who.legal
        when raw.name_die >= 700 then who.firm_name
        when raw.name_die >= 600 then who.firm_name || ' ' || who.legal_long
        when raw.name_die >= 500 then upper(who.firm_name || ' ' || who.legal)
        else who.firm_name || ' ' || who.legal
    end as organisation_name,
    case
        when not who.is_organisation and keys.source_system in ('web_shop', 'stores', 'crm')
            and (raw.spot % 5 < 2 or who.is_twin)
            then who.birth_date
    end as birth_date,
    case
        when raw.copy = 2 then 'test@example.com'
        -- Nobody stands on a mailing list without an address.
        when keys.source_system = 'marketing_hub' then case when raw.mail_die >= 950 then who.other_email else who.email end
        when raw.mail_die < 20 then 'unknown@example.com'
        when raw.mail_die < 30 then ''
        when raw.mail_die < case keys.source_system when 'stores' then 500 when 'phone_desk' then 350 else 150 end then null
        when raw.mail_die >= 900 then who.other_email
        when raw.mail_die >= 850 then upper(who.email)
        else who.email
    end as email,
    case
        when raw.copy = 2 or keys.source_system = 'marketing_hub' or raw.phone_die < 150 then null
        when who.switchboard is not null and raw.phone_die < 800 then who.switchboard
        when raw.phone_die >= 960 then '+' || who.dial || ' ' || reverse(who.digits)
        when keys.source_system = 'stores' then who.digits
        when keys.source_system = 'phone_desk'
            then '(' || left(who.digits, 3) || ') ' || substr(who.digits, 4, 3) || '-' || substr(who.digits, 7)
        when keys.source_system = 'crm' then '00' || who.dial || who.digits
        else '+' || who.dial || ' ' || left(who.digits, 3) || ' ' || substr(who.digits, 4)
    end as phone,
    case
        when raw.copy = 2 or is_mailed_only_electronically(keys.source_system, raw.spot) or raw.place_die < 60 then null
        when who.country_code in ('DE', 'NL')
            then
                case when raw.place_die >= 940 then mistyped(who.street, raw.spot % 3, raw.spot) else who.street end
                || case
                    when raw.place_die % 3 = 0 then 'str. '
                    when who.country_code = 'DE' then 'straße '
                    else 'straat '
                end
                || who.house
        when who.country_code = 'FR'
            then who.house || case when raw.place_die % 3 = 0 then ', r. ' else ' rue ' end || who.street
        else
            who.house + case when raw.place_die between 900 and 940 then 17 else 0 end
            || ' '
            || case when raw.place_die > 940 then mistyped(who.street, raw.spot % 3, raw.spot) else who.street end
            || case when raw.place_die % 3 = 0 then ' St' when raw.place_die % 7 = 0 then ' st.' else ' Street' end
    end as address_line,
    case
        when raw.copy = 2 or is_mailed_only_electronically(keys.source_system, raw.spot) or raw.place_die < 120 then null
        else who.postal_code
    end as postal_code,
    case
        when raw.copy = 2 or is_mailed_only_electronically(keys.source_system, raw.spot) then null
        when raw.place_die % 10 = 1 then upper(who.city)
        else who.city
    end as city,
    case
        when raw.copy = 2 or is_mailed_only_electronically(keys.source_system, raw.spot) then null
        else who.region
    end as region,
    case when raw.copy = 2 then null else who.country_code end as country_code,
    case
        when raw.spot % 10 < case keys.source_system when 'crm' then 8 when 'phone_desk' then 4 end then who.tax_number
    end as tax_number,
    case
        when not who.is_organisation and raw.spot % 10 < case keys.source_system when 'stores' then 6 when 'web_shop' then 3 end
            then 'L' || lpad(cast(raw.customer * 7907 % 9999991 as varchar), 7, '0')
    end as loyalty_number,
    case when keys.source_system in ('crm', 'web_shop') then who.industry end as industry,
    case when keys.source_system in ('crm', 'phone_desk') then who.size_class end as size_class,
    parents.customer_id as parent_customer_id,
    case when keys.source_system = 'crm' then homes.territory_id end as territory_id,
    case when keys.source_system = 'crm' and who.is_organisation then homes.sales_rep_id end as sales_rep_id,
    on_day(raw.created) as created_on
from raw_records as raw
inner join record_keys as keys on raw.n = keys.record
left join who on raw.customer = who.customer
left join record_keys as parents on raw.parent_record = parents.record
left join territory_of_customer as homes on raw.customer = homes.customer;

update written_records
set
    customer_kind = 'person',
    organisation_name = null,
    first_name = nullif(hers.first_name, ''),
    last_name = nullif(hers.last_name, ''),
    email = nullif(hers.email, ''),
    phone = nullif(hers.phone, ''),
    address_line = nullif(hers.address_line, ''),
    postal_code = nullif(hers.postal_code, ''),
    city = nullif(hers.city, ''),
    region = nullif(hers.region, ''),
    birth_date = null,
    loyalty_number = null
from michelles_records as hers
where
    written_records.source_system = hers.source_system
    and written_records.customer = last_customer();

-- Some records changed later: before, the e-mail address was missing and the customer lived elsewhere.
create table changed_records as
select
    n,
    delivery_of(created_on) as first_delivery,
    delivery_of(on_day(changed)) as later_delivery
from written_records
where
    copy < 2
    and chosen(n, 7919, 80)
    and changed < window_days()
    and delivery_of(on_day(changed)) > delivery_of(created_on)
    and customer < last_customer();

create table final_customers as
with written as (
    select
        n as _n,
        * exclude (n, customer, copy, changed)
    from written_records
    where copy < 2
)

select
    written.*,
    cast(null as boolean) as is_deleted,
    coalesce(changes.later_delivery, delivery_of(written.created_on)) as _delivery
from written
left join changed_records as changes on written._n = changes.n;

create table versions_customers as
with tests as (
    select
        n as _n,
        * exclude (n, customer, copy, changed)
    from written_records
    where copy = 2 and delivery_of(created_on) < last_delivery()
)

select
    final.* replace (
        null as email,
        case when final.address_line is not null then (1 + final._n * 7 % 239) || ' ' || streets.word || ' Lane' end as address_line,
        changes.first_delivery as _delivery
    )
from final_customers as final
inner join changed_records as changes on final._n = changes.n
inner join word_street as streets on final._n * 31 % (select count(*) from word_street) = streets.n
union all
select
    tests.*,
    states.is_deleted,
    delivery_of(tests.created_on) + cast(coalesce(states.is_deleted, false) as integer) as _delivery
from tests
cross join (values (null), (true)) as states (is_deleted);

-- A person compared these pairs: sure matches between the CRM and a sales system, and households that are two customers.
create table final_customer_links as
with compared as (
    select
        n,
        left_record,
        right_record,
        true as is_match
    from raw_links
    where left_record >= 0 and right_record >= 0 and (n = 0 or chosen(n, 7919, 40))
    union all
    select
        n,
        right_record as left_record,
        housemate_record as right_record,
        false as is_match
    from raw_links
    where housemate_record >= 0 and right_record >= 0 and chosen(n, 7919, 300)
)

select
    row_number() over (order by compared.is_match desc, compared.n asc) as _n,
    'crm' as source_system,
    lefts.source_system as left_source_system,
    lefts.customer_id as left_customer_id,
    rights.source_system as right_source_system,
    rights.customer_id as right_customer_id,
    compared.is_match,
    on_day(least(60, window_days() - 8)) as decided_on,
    case when compared.is_match then 'Confirmed with the customer' else 'Two persons of one household' end as reason,
    cast(null as boolean) as is_deleted,
    delivery_of(on_day(least(60, window_days() - 8))) as _delivery
from compared
inner join record_keys as lefts on compared.left_record = lefts.record
inner join record_keys as rights on compared.right_record = rights.record;

select
    countries.country as territory_id,
    countries.country as territory_name,
    countries.region,
    countries.country_code
from countries
union all
-- A country that is not in the list has no code, and its orders still have their territory.
select distinct
    invoice_lines.country as territory_id,
    invoice_lines.country as territory_name,
    cast(null as varchar) as region,
    cast(null as varchar) as country_code
from invoice_lines
left join countries on invoice_lines.country = countries.country
where invoice_lines.country is not null and countries.country is null

-- Proves that no customer holds records of persons and of organisations. Returns the customers that do.

select
    crosswalk.customer_id,
    count(distinct records.customer_kind) as kind_count
from {{ ref('customer_crosswalk') }} as crosswalk
inner join {{ ref('int_identity__records') }} as records
    on crosswalk.record_id = records.record_id
group by crosswalk.customer_id
having count(distinct records.customer_kind) > 1

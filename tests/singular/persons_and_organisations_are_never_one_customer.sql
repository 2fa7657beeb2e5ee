-- Proves that no customer holds records of persons and of organisations. Returns the customers that do.

select
    customer_id,
    count(distinct customer_kind) as kind_count
from {{ ref('int_identity__customer_crosswalk') }}
group by customer_id
having count(distinct customer_kind) > 1

-- Proves that the crosswalk and dim_customer know the same customers: each one of the crosswalk is one row of the
-- dimension, and the dimension has one other, the member unattributed, which owns no record. Returns the customers
-- for whom that does not hold.

with

crosswalk as (
    select
        customer_id,
        count(*) as record_count
    from {{ ref('customer_crosswalk') }}
    group by customer_id
),

both_sides as (
    select
        customer_id,
        record_count,
        0 as dimension_count,
        0 as dimension_record_count,
        0 as unattributed_count
    from crosswalk

    union all

    select
        {{ unattributed_customer() }} as customer_id,
        0 as record_count,
        0 as dimension_count,
        0 as dimension_record_count,
        0 as unattributed_count

    union all

    select
        customer_id,
        0 as record_count,
        1 as dimension_count,
        record_count as dimension_record_count,
        case when is_unattributed then 1 else 0 end as unattributed_count
    from {{ ref('dim_customer') }}
)

select
    customer_id,
    sum(record_count) as record_count,
    sum(dimension_count) as dimension_count,
    sum(dimension_record_count) as dimension_record_count
from both_sides
group by customer_id
having
    sum(dimension_count) <> 1
    or sum(dimension_record_count) <> sum(record_count)
    or (sum(record_count) > 0 and sum(unattributed_count) > 0)
    or (sum(record_count) = 0 and customer_id <> {{ unattributed_customer() }})

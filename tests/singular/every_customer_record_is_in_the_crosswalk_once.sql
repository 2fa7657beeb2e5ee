-- Proves that every customer record and lead that a system ever delivered belongs to exactly one enterprise customer, those
-- it has withdrawn included: none is left out, none counted twice, and none stands in the crosswalk that no system delivers.
-- Returns the records for which that does not hold.

with

both_sides as (
    select distinct
        source_system,
        'customer' as record_kind,
        customer_id as source_customer_id,
        1 as record_count,
        0 as crosswalk_count
    from {{ ref('stg_crm__customers') }}

    union all

    select distinct
        source_system,
        'lead' as record_kind,
        lead_id as source_customer_id,
        1 as record_count,
        0 as crosswalk_count
    from {{ ref('stg_marketing__leads') }}

    union all

    select
        source_system,
        record_kind,
        source_customer_id,
        0 as record_count,
        1 as crosswalk_count
    from {{ ref('customer_crosswalk') }}
)

select
    source_system,
    record_kind,
    source_customer_id,
    sum(record_count) as record_count,
    sum(crosswalk_count) as crosswalk_count
from both_sides
group by
    source_system,
    record_kind,
    source_customer_id
having
    sum(record_count) <> 1
    or sum(crosswalk_count) <> 1

-- Proves that the ranges of a customer in dim_customer_history follow each other without a gap or an overlap, from the day
-- on which the customer came up to 9999-12-31 or to the day on which it was merged away. A customer exists as long as the
-- record that it is named after is its own; that is read from the memberships, not from the history. Returns the customers
-- for whom the days do not add up, and ranges that begin before the one before them ends.

with

lives as (
    select
        customer_id,
        valid_from,
        valid_to
    from {{ ref('int_identity__memberships') }}
    where record_id = customer_id
),

followed as (
    select
        customer_id,
        valid_from,
        valid_to,
        lead(valid_from) over (partition by customer_id order by valid_from) as next_valid_from
    from {{ ref('dim_customer_history') }}
),

counted as (
    select
        customer_id,
        {{ dbt.datediff('valid_from', 'valid_to', 'day') }} as lived_days,
        0 as history_days,
        0 as fault_count
    from lives

    union all

    select
        customer_id,
        0 as lived_days,
        {{ dbt.datediff('valid_from', 'valid_to', 'day') }} as history_days,
        case when valid_from >= valid_to or next_valid_from < valid_to then 1 else 0 end as fault_count
    from followed

    union all

    -- A range that reaches out of every life of its customer would hide a gap of the same length.
    select
        followed.customer_id,
        0 as lived_days,
        0 as history_days,
        1 as fault_count
    from followed
    left join lives
        on followed.customer_id = lives.customer_id
        and followed.valid_from >= lives.valid_from
        and followed.valid_to <= lives.valid_to
    where lives.customer_id is null
)

select
    customer_id,
    sum(lived_days) as lived_days,
    sum(history_days) as history_days,
    sum(fault_count) as fault_count
from counted
group by customer_id
having sum(lived_days) <> sum(history_days) or sum(fault_count) > 0

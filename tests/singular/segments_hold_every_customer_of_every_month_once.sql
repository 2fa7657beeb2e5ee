-- Proves that customers are neither lost nor doubled between customer_segments, its movements and segment_kpis: per month and segment the
-- customers counted are the same in all three, and so is what was there the month before (who stays or leaves) against who was
-- there at its end. Returns the months and segments that differ.

with

judged as (
    select
        month,
        segment_id,
        count(*) as customer_count
    from {{ ref('customer_segments') }}
    group by
        month,
        segment_id
),

movements as (
    select * from {{ ref('segment_movements') }}
),

counted as (
    select
        'segment_kpis' as place,
        month,
        segment_id,
        customer_count
    from {{ ref('segment_kpis') }}
    where customer_count > 0

    union all

    select
        'movements to' as place,
        month,
        to_segment_id as segment_id,
        sum(customer_count) as customer_count
    from movements
    group by
        month,
        to_segment_id

    union all

    -- Who moves in a month was there at the end of the month before.
    select
        'movements from' as place,
        {{ month_after('month', -1) }} as month,
        from_segment_id as segment_id,
        sum(customer_count) as customer_count
    from movements
    where from_segment_id <> 'no_order_yet'
    group by
        month,
        from_segment_id
),

places as (
    select 'segment_kpis' as place
    union all
    select 'movements to' as place
    union all
    select 'movements from' as place
),

last_months as (
    select max(month) as last_month
    from judged
),

expected as (
    select
        places.place,
        judged.month,
        judged.segment_id,
        judged.customer_count
    from judged
    cross join places
    cross join last_months
    -- What became of the customers of the last month is not known yet.
    where places.place <> 'movements from' or judged.month < last_months.last_month
)

select
    coalesce(expected.place, counted.place) as place,
    coalesce(expected.month, counted.month) as month,
    coalesce(expected.segment_id, counted.segment_id) as segment_id,
    expected.customer_count as expected_count,
    counted.customer_count as counted_count
from expected
full outer join counted
    on expected.place = counted.place
    and expected.month = counted.month
    and expected.segment_id = counted.segment_id
where coalesce(expected.customer_count, -1) <> coalesce(counted.customer_count, -1)

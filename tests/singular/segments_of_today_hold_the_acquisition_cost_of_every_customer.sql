-- Proves that CAC by segment is CAC of the company split, not another one: the acquisition cost of the segments in the current month is that of
-- customer_acquisition for all customers that had ordered by its end. Returns both sums where they differ.

with

segments as (
    select coalesce(sum(kpis.acquisition_cost_amount), 0) as segments_amount
    from {{ ref('segment_kpis') }} as kpis
    inner join {{ ref('int_calendar__as_of') }} as calendar
        on kpis.month = calendar.as_of_month
),

customers as (
    select coalesce(sum(acquired.acquisition_cost_amount), 0) as customers_amount
    from {{ ref('customer_acquisition') }} as acquired
    inner join {{ ref('int_calendar__as_of') }} as calendar
        on acquired.first_order_month <= calendar.as_of_month
)

select
    segments.segments_amount,
    customers.customers_amount
from segments
cross join customers
where segments.segments_amount <> customers.customers_amount

-- Proves that the facts provide only drivers of the list against which rules are checked (the macro cost_drivers), and every event
-- with a quantity. Returns the drivers for which that does not hold.

select
    driver,
    count(*) as event_count
from {{ ref('int_costing__driver_events') }}
where
    driver not in ('{{ cost_drivers() | join("', '") }}')
    or quantity is null
    or measured_minutes is null
    or month is null
group by driver

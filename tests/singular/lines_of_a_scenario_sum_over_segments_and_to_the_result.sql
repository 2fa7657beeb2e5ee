-- Segments sum to the company, the base differs from itself by nothing, and the operating result is the one of the activity-based plan.
with

compared as (
    select * from {{ ref('scenario_comparison') }}
    where line_kind <> 'memo'
),

sums as (
    select
        scenario_id,
        month,
        line,
        sum(case when segment_id = 'all' then scenario_amount else 0 end) as company_amount,
        sum(case when segment_id <> 'all' then scenario_amount else 0 end) as segments_amount,
        sum(case when scenario_id = 'base' then abs(difference_amount) else 0 end) as base_difference
    from compared
    group by
        scenario_id,
        month,
        line
),

planned as (
    select
        scenario_id,
        month,
        line,
        amount
    from {{ ref('budget_forecast') }}
    where method = 'activity_based'
)

select
    sums.scenario_id,
    sums.month,
    sums.line,
    sums.company_amount,
    sums.segments_amount,
    planned.amount
from sums
left join planned
    on sums.scenario_id = planned.scenario_id
    and sums.month = planned.month
    and sums.line = planned.line
where
    sums.company_amount <> sums.segments_amount
    or sums.base_difference <> 0
    or planned.amount is null
    or sums.company_amount <> planned.amount

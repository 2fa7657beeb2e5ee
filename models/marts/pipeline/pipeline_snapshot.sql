with

-- As they are known now: what was delivered later about an earlier day counts on that day.
states as (
    select * from {{ ref('fct_opportunity_states') }}
    where known_to is null
),

opportunities as (
    select
        opportunity_id,
        customer_id,
        product_group,
        opened_on,
        sales_rep_id,
        territory_id
    from {{ ref('dim_opportunity') }}
),

calendar as (
    select
        calendar_date,
        is_month_end
    from {{ ref('dim_date') }}
),

calendar_ends as (
    select max(calendar_date) as last_day from calendar
),

-- From the first change to the last delivery, as far as the calendar goes.
spans as (
    select
        min(states.valid_from) as first_day,
        least(max(states.known_from), max(calendar_ends.last_day)) as last_day
    from states
    cross join calendar_ends
),

snapshot_days as (
    select
        calendar.calendar_date as snapshot_on,
        calendar.is_month_end,
        calendar.calendar_date = spans.last_day as is_latest
    from calendar
    inner join spans
        on calendar.calendar_date >= spans.first_day
        and calendar.calendar_date <= spans.last_day
    where calendar.is_month_end or calendar.calendar_date = spans.last_day
),

final as (
    select
        snapshot_days.snapshot_on,
        states.opportunity_id,
        snapshot_days.is_month_end,
        snapshot_days.is_latest,
        opportunities.customer_id,
        opportunities.product_group,
        states.stage,
        states.amount,
        states.probability,
        states.weighted_amount,
        states.expected_close_on,
        coalesce(states.expected_close_on < snapshot_days.snapshot_on, false) as is_overdue,
        cast({{ days_after('snapshot_days.snapshot_on', 'opportunities.opened_on') }} as integer) as age_days,
        cast({{ days_after('snapshot_days.snapshot_on', 'states.stage_since') }} as integer) as days_in_stage,
        states.sales_rep_id,
        states.territory_id,
        opportunities.sales_rep_id as current_sales_rep_id,
        opportunities.territory_id as current_territory_id
    from snapshot_days
    inner join states
        on snapshot_days.snapshot_on >= states.valid_from
        and snapshot_days.snapshot_on < coalesce(states.valid_to, cast('9999-12-31' as date))
    inner join opportunities
        on states.opportunity_id = opportunities.opportunity_id
    where states.stage_state = 'open'
)

select * from final

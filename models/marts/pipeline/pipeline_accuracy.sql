with

snapshot as (
    select * from {{ ref('pipeline_snapshot') }}
    where is_month_end
),

-- What was decided, and until when: one that was reopened later was won in its month all the same, as its movements say.
decisions as (
    select
        opportunity_id,
        stage_state,
        entered_amount as amount,
        entered_on,
        coalesce(left_on, cast('9999-12-31' as date)) as left_on,
        {{ month_of('entered_on') }} as month,
        {{ fiscal_quarter_start_of('entered_on') }} as quarter,
        territory_id
    from {{ ref('fct_opportunity_stages') }}
    where stage_state <> 'open'
),

calendar as (
    select
        calendar_date,
        month,
        fiscal_quarter_starts_on as quarter
    from {{ ref('dim_date') }}
),

last_snapshots as (
    select max(snapshot_on) as last_snapshot_on from snapshot
),

calendar_periods as (
    select
        'month' as period_kind,
        month as period,
        min(calendar_date) as first_day,
        max(calendar_date) as last_day
    from calendar
    group by month

    union all

    select
        'quarter' as period_kind,
        quarter as period,
        min(calendar_date) as first_day,
        max(calendar_date) as last_day
    from calendar
    group by quarter
),

periods as (
    select
        calendar_periods.period_kind,
        calendar_periods.period,
        calendar_periods.first_day,
        calendar_periods.last_day,
        cast({{ dbt.dateadd('day', -1, 'calendar_periods.first_day') }} as date) as day_before,
        coalesce(calendar_periods.last_day <= last_snapshots.last_snapshot_on, false) as is_complete
    from calendar_periods
    cross join last_snapshots
),

promised as (
    select
        periods.period_kind,
        periods.period,
        snapshot.territory_id,
        count(*) as due_count,
        sum(coalesce(snapshot.amount, 0)) as due_amount,
        sum(coalesce(snapshot.weighted_amount, 0)) as due_weighted_amount,
        sum(case when decisions.stage_state = 'won' then decisions.amount else 0 end) as due_won_amount,
        sum(case when decisions.stage_state = 'lost' then snapshot.amount else 0 end) as due_lost_amount,
        sum(case when decisions.opportunity_id is null then snapshot.amount else 0 end) as slipped_amount,
        sum(case when decisions.stage_state = 'won' then decisions.amount - snapshot.amount else 0 end) as changed_amount
    from periods
    inner join snapshot
        on periods.day_before = snapshot.snapshot_on
        and periods.first_day <= snapshot.expected_close_on
        and periods.last_day >= snapshot.expected_close_on
    -- As it stood at the end of the period.
    left join decisions
        on snapshot.opportunity_id = decisions.opportunity_id
        and periods.last_day >= decisions.entered_on
        and periods.last_day < decisions.left_on
    group by
        periods.period_kind,
        periods.period,
        snapshot.territory_id
),

came as (
    {%- for kind in ('month', 'quarter') %}
    select
        '{{ kind }}' as period_kind,
        decisions.{{ kind }} as period,
        decisions.territory_id,
        sum(decisions.amount) as won_amount
    from decisions
    inner join periods
        on periods.period_kind = '{{ kind }}'
        and decisions.{{ kind }} = periods.period
    where decisions.stage_state = 'won' and decisions.amount is not null and decisions.left_on > periods.last_day
    group by
        decisions.{{ kind }},
        decisions.territory_id
    {{- '

    union all
' if not loop.last }}
    {%- endfor %}
),

both_sides as (
    select
        period_kind,
        period,
        territory_id
    from promised

    union

    select
        period_kind,
        period,
        territory_id
    from came
),

final as (
    select
        both_sides.period_kind,
        both_sides.period,
        both_sides.territory_id,
        periods.is_complete,
        cast(coalesce(promised.due_count, 0) as bigint) as due_count,
        cast(coalesce(promised.due_amount, 0) as {{ money_total() }}) as due_amount,
        cast(coalesce(promised.due_weighted_amount, 0) as {{ money_total() }}) as due_weighted_amount,
        cast(coalesce(promised.due_won_amount, 0) as {{ money_total() }}) as due_won_amount,
        cast(coalesce(promised.due_lost_amount, 0) as {{ money_total() }}) as due_lost_amount,
        cast(coalesce(promised.slipped_amount, 0) as {{ money_total() }}) as slipped_amount,
        cast(coalesce(promised.changed_amount, 0) as {{ money_total() }}) as changed_amount,
        cast(coalesce(came.won_amount, 0) as {{ money_total() }}) as won_amount,
        cast(coalesce(came.won_amount, 0) - coalesce(promised.due_won_amount, 0) as {{ money_total() }}) as won_unpromised_amount,
        cast(coalesce(came.won_amount, 0) - coalesce(promised.due_weighted_amount, 0) as {{ money_total() }}) as error_amount
    from both_sides
    inner join periods
        on both_sides.period_kind = periods.period_kind
        and both_sides.period = periods.period
    left join promised
        on both_sides.period_kind = promised.period_kind
        and both_sides.period = promised.period
        and both_sides.territory_id = promised.territory_id
    left join came
        on both_sides.period_kind = came.period_kind
        and both_sides.period = came.period
        and both_sides.territory_id = came.territory_id
)

select * from final

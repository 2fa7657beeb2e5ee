{%- set lines = plan_lines() -%}

with

cells as (
    select * from {{ ref('int_planning__cells') }}
),

flows as (
    select * from {{ ref('int_planning__flows') }}
    where scenario_id <> 'actual'
),

volumes as (
    select * from {{ ref('int_planning__volumes') }}
    where scenario_id <> 'actual' and minutes > 0
),

activities as (
    select
        activity_id,
        waterfall_line
    from {{ ref('dim_activity') }}
),

waterfall as (
    select
        line,
        line_order,
        line_kind,
        effect
    from {{ ref('waterfall_lines') }}
    where line_kind <> 'memo'
),

reconciliation as (
    select
        month,
        line,
        customers_amount + unattributed_amount + below_the_line_amount as amount
    from {{ ref('profitability_reconciliation') }}
),

calendar as (
    {{ plan_calendar() }}
),

lifetime_values as (
    select
        segment_id,
        round(margin_rate, 3) as margin_rate,
        count(*) as customer_count
    from {{ ref('customer_lifetime_value') }}
    where expected_purchases_12m > 0
    group by
        segment_id,
        round(margin_rate, 3)
),

months as (
    select distinct
        scenario_id,
        month
    from cells
),

activity_amounts as (
    select
        flows.scenario_id,
        flows.period as month,
        flows.activity_id,
        activities.waterfall_line,
        sum(flows.amount) as amount
    from flows
    inner join activities
        on flows.activity_id = activities.activity_id
    where flows.stage = 'pool_to_activity' and flows.receiver_kind = 'activity'
    group by
        flows.scenario_id,
        flows.period,
        flows.activity_id,
        activities.waterfall_line
),

-- Whom the minutes of an activity are for; what nobody drives is of nobody.
shared as (
    select
        activity_amounts.scenario_id,
        activity_amounts.month,
        activity_amounts.activity_id,
        case
            when activity_amounts.waterfall_line = 'business_sustaining' then 'business_sustaining'
            when volumes.minutes is null then 'unassigned_cost'
            when activity_amounts.waterfall_line = 'acquisition' or volumes.receiver = 'acquisition' then 'acquisition'
            else activity_amounts.waterfall_line
        end as line,
        coalesce(volumes.receiver, 'none') as receiver,
        coalesce(volumes.segment_id, 'none') as segment_id,
        activity_amounts.amount,
        coalesce(volumes.minutes, cast(1 as decimal(18, 4))) as minutes
    from activity_amounts
    left join volumes
        on activity_amounts.scenario_id = volumes.scenario_id
        and activity_amounts.month = volumes.period
        and activity_amounts.activity_id = volumes.activity_id
),

split as (
    {{ allocate('shared', 'amount', 'minutes', group_by=['scenario_id', 'month', 'activity_id'], ties=['receiver', 'segment_id']) }}
),

posted as (
    {%- for line, amount in lines.items() if line != 'cost_to_serve' %}
    select
        scenario_id,
        month,
        segment_id,
        '{{ line }}' as line,
        {{ amount }} as amount
    from cells

    union all
    {%- endfor %}

    select
        scenario_id,
        month,
        case when line in ('cost_to_serve', 'sustaining_cost') then segment_id else 'none' end as segment_id,
        line,
        allocated_amount as amount
    from split

    union all

    select
        scenario_id,
        period as month,
        'none' as segment_id,
        case receiver when 'idle' then 'idle_capacity' when 'unassigned' then 'unassigned_cost' else receiver end as line,
        amount
    from flows
    where receiver_kind in ('idle', 'unassigned')

    union all

    -- What neither customers nor activities explain goes on as in the window.
    select
        months.scenario_id,
        months.month,
        'none' as segment_id,
        reconciliation.line,
        {{ rounded_to_cents('cast(reconciliation.amount as double) / calendar.window_months', money_total()) }} as amount
    from months
    cross join calendar
    inner join reconciliation
        on calendar.before_window < reconciliation.month
        and calendar.as_of_month >= reconciliation.month
        and reconciliation.line in ('cost_variance', 'other_operating')
),

by_segment as (
    select
        scenario_id,
        month,
        segment_id,
        line,
        sum(amount) as amount
    from posted
    group by
        scenario_id,
        month,
        segment_id,
        line

    union all

    select
        scenario_id,
        month,
        'all' as segment_id,
        line,
        sum(amount) as amount
    from posted
    group by
        scenario_id,
        month,
        line
),

segments as (
    select distinct segment_id
    from by_segment
),

lined as (
    select
        months.scenario_id,
        months.month,
        segments.segment_id,
        waterfall.line,
        waterfall.line_order,
        waterfall.line_kind,
        waterfall.effect,
        cast(coalesce(by_segment.amount, 0) as {{ money_total() }}) as amount
    from months
    cross join segments
    cross join waterfall
    left join by_segment
        on months.scenario_id = by_segment.scenario_id
        and months.month = by_segment.month
        and segments.segment_id = by_segment.segment_id
        and waterfall.line = by_segment.line
),

summed as (
    select
        scenario_id,
        month,
        segment_id,
        line,
        line_order,
        line_kind,
        case
            when line_kind = 'subtotal'
                then sum(effect * amount) over (
                        partition by scenario_id, month, segment_id
                        order by line_order
                        rows between unbounded preceding and current row
                    )
            else amount
        end as amount
    from lined
),

results as (
    select
        scenario_id,
        month,
        max(case when line = 'operating_result' then amount end) as operating_result,
        max(case when line = 'net_revenue' then amount end) as net_revenue
    from summed
    where segment_id = 'all'
    group by
        scenario_id,
        month
),

received as (
    select
        scenario_id,
        month,
        net_revenue as amount
    from results

    union all

    select
        scenarios.scenario_id,
        reconciliation.month,
        reconciliation.amount
    from (select distinct scenario_id from months) as scenarios
    cross join calendar
    inner join reconciliation
        on reconciliation.line = 'net_revenue'
        and calendar.as_of_month >= reconciliation.month
),

-- How far the margin of a segment moves is how far that of each of its customers does: their own rates are kept in thousandths, not customers by scenario.
margin_rates as (
    select
        scenario_id,
        segment_id,
        cast(sum(case when line = 'customer_margin' then amount end) as double)
        / nullif(cast(sum(case line when 'gross_sales' then amount when 'discounts' then -amount end) as double), 0) as margin_rate
    from summed
    where segment_id not in ('all', 'none')
    group by
        scenario_id,
        segment_id
),

last_month as (
    select max(month) as month
    from months
),

turned as (
    select
        margin_rates.scenario_id,
        last_month.month,
        margin_rates.segment_id,
        sum(
            case
                when
                    lifetime_values.margin_rate > 0 and lifetime_values.margin_rate + margin_rates.margin_rate - base_rates.margin_rate <= 0
                    then lifetime_values.customer_count
                else 0
            end
        ) as to_loss_count,
        sum(
            case
                when
                    lifetime_values.margin_rate <= 0 and lifetime_values.margin_rate + margin_rates.margin_rate - base_rates.margin_rate > 0
                    then lifetime_values.customer_count
                else 0
            end
        ) as to_profit_count
    from margin_rates
    cross join last_month
    inner join margin_rates as base_rates
        on base_rates.scenario_id = 'base'
        and margin_rates.segment_id = base_rates.segment_id
    inner join lifetime_values
        on margin_rates.segment_id = lifetime_values.segment_id
    group by
        margin_rates.scenario_id,
        last_month.month,
        margin_rates.segment_id
),

memos as (
    select
        results.scenario_id,
        results.month,
        'all' as segment_id,
        'cash' as line,
        400 as line_order,
        cast(results.operating_result - results.net_revenue + coalesce(received.amount, 0) as {{ money_total() }}) as amount
    from results
    left join received
        on results.scenario_id = received.scenario_id
        and received.month = {{ month_after('results.month', '-cast(' ~ plan_setting('receipt_delay_months') ~ ' as integer)') }}

    union all

    select
        scenario_id,
        month,
        segment_id,
        'orders' as line,
        410 as line_order,
        cast(sum(orders) as {{ money_total() }}) as amount
    from cells
    group by
        scenario_id,
        month,
        segment_id

    union all

    select
        scenario_id,
        period as month,
        'all' as segment_id,
        'shortage_minutes' as line,
        420 as line_order,
        cast(sum(greatest(demand_minutes - supply_minutes, 0e0)) as {{ money_total() }}) as amount
    from {{ ref('int_planning__resources') }}
    where demand_minutes is not null and supply_minutes is not null
    group by
        scenario_id,
        period

    union all

    select
        scenario_id,
        month,
        segment_id,
        'customers_to_loss' as line,
        430 as line_order,
        cast(to_loss_count as {{ money_total() }}) as amount
    from turned

    union all

    select
        scenario_id,
        month,
        segment_id,
        'customers_to_profit' as line,
        440 as line_order,
        cast(to_profit_count as {{ money_total() }}) as amount
    from turned
),

everything as (
    select
        scenario_id,
        month,
        segment_id,
        line,
        line_order,
        line_kind,
        amount
    from summed

    union all

    select
        scenario_id,
        month,
        segment_id,
        line,
        line_order,
        'memo' as line_kind,
        amount
    from memos
),

final as (
    select
        scenarios.scenario_id,
        scenarios.line,
        cast(scenarios.line_order as integer) as line_order,
        scenarios.line_kind,
        scenarios.segment_id,
        scenarios.month,
        cast(coalesce(base.amount, 0) as {{ money_total() }}) as base_amount,
        cast(scenarios.amount as {{ money_total() }}) as scenario_amount,
        cast(scenarios.amount - coalesce(base.amount, 0) as {{ money_total() }}) as difference_amount
    from everything as scenarios
    left join everything as base
        on base.scenario_id = 'base'
        and scenarios.month = base.month
        and scenarios.segment_id = base.segment_id
        and scenarios.line = base.line
)

select * from final

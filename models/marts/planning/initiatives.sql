{#- Whole years from a month of an initiative back to the last one before it, in months. -#}
{%- set years_before = '-12 * (1 + cast(floor((' ~ dbt.datediff('started.start_month', 'reconciliation.month', 'month') ~ ') / 12e0) as integer))' -%}

with

initiatives as (
    select * from {{ ref('plan_initiatives') }}
),

costs as (
    select * from {{ ref('plan_initiative_costs') }}
),

compared as (
    select
        scenario_id,
        line,
        month,
        difference_amount
    from {{ ref('scenario_comparison') }}
    where segment_id = 'all'
),

capacity as (
    select
        scenario_id,
        month,
        sum(saved_amount) as saved_amount,
        sum(moved_to_idle_amount) as moved_to_idle_amount
    from {{ ref('capacity_plan') }}
    group by
        scenario_id,
        month
),

reconciliation as (
    select
        month,
        line,
        customers_amount + unattributed_amount + below_the_line_amount as amount
    from {{ ref('profitability_reconciliation') }}
),

calendar as (
    select as_of_month
    from {{ ref('int_calendar__as_of') }}
    where as_of_month is not null
),

settings as (
    select {{ value_setting('yearly_discount_rate') }} as yearly_rate
),

plan_months as (
    select
        min(month) as first_month,
        max(month) as last_month
    from compared
),

started as (
    select
        initiatives.*,
        {{ month_of('coalesce(initiatives.starts_on, plan_months.first_month)') }} as start_month,
        plan_months.last_month
    from initiatives
    cross join plan_months
    where {{ is_valid_in('initiatives', 'plan_months.first_month') }}
),

-- The months of its plan: what it costs, and what the scenario changes in the result from its start on.
cost_months as (
    select
        started.initiative_id,
        {{ month_after('started.start_month', 'costs.month_number - 1') }} as month,
        cast(sum(costs.cost_amount) as double) as cost_amount,
        cast(sum(costs.promised_effect_amount) as double) as promised_amount,
        cast(0 as double) as effect_amount,
        cast(0 as double) as kpi_amount,
        cast(0 as double) as saved_amount,
        cast(0 as double) as idle_amount
    from started
    inner join costs
        on started.initiative_id = costs.initiative_id
    group by
        started.initiative_id,
        {{ month_after('started.start_month', 'costs.month_number - 1') }}
),

effect_months as (
    select
        started.initiative_id,
        compared.month,
        cast(0 as double) as cost_amount,
        cast(0 as double) as promised_amount,
        cast(sum(case when compared.line = 'operating_result' then compared.difference_amount end) as double) as effect_amount,
        cast(sum(case when compared.line = started.kpi_line then compared.difference_amount end) as double) as kpi_amount,
        cast(max(capacity.saved_amount) as double) as saved_amount,
        cast(max(capacity.moved_to_idle_amount) as double) as idle_amount
    from started
    inner join compared
        on started.scenario_id = compared.scenario_id
        and started.start_month <= compared.month
    left join capacity
        on compared.scenario_id = capacity.scenario_id
        and compared.month = capacity.month
    group by
        started.initiative_id,
        compared.month
),

all_months as (
    select * from cost_months
    union all
    select * from effect_months
),

monthly as (
    select
        initiative_id,
        month,
        sum(cost_amount) as cost_amount,
        sum(promised_amount) as promised_amount,
        coalesce(sum(effect_amount), 0e0) as effect_amount,
        coalesce(sum(kpi_amount), 0e0) as kpi_amount,
        coalesce(sum(saved_amount), 0e0) as saved_amount,
        coalesce(sum(idle_amount), 0e0) as idle_amount
    from all_months
    group by
        initiative_id,
        month
),

dated as (
    select
        monthly.*,
        case when monthly.month > started.last_month then monthly.cost_amount else 0e0 end as late_cost_amount,
        {{ dbt.datediff('started.start_month', 'monthly.month', 'month') }}
        + 1 as month_number,
        sum(monthly.effect_amount - monthly.cost_amount) over (partition by monthly.initiative_id order by monthly.month) as cumulative_amount,
        {{ discount_factor('(' ~ dbt.datediff('started.start_month', 'monthly.month', 'month') ~ ') / 12e0', 'settings.yearly_rate') }} as discount,
        settings.yearly_rate
    from monthly
    cross join settings
    inner join started
        on monthly.initiative_id = started.initiative_id
),

-- The capital of an initiative is what has been put into it so far; the last month in which it had not come back decides the payback.
summed as (
    select
        initiative_id,
        sum(cost_amount) as cost_amount,
        sum(late_cost_amount) as late_cost_amount,
        sum(promised_amount) as promised_amount,
        sum(effect_amount) as effect_amount,
        sum(kpi_amount) as kpi_amount,
        sum(saved_amount) as saved_amount,
        sum(idle_amount) as idle_amount,
        sum((effect_amount - cost_amount) * discount) as net_present_value,
        sum(effect_amount - cost_amount)
        - sum(greatest(-cumulative_amount, 0e0) * (power(1 + yearly_rate, 1 / 12e0) - 1)) as residual_income,
        max(case when cumulative_amount < 0 then month_number else 0 end) as last_month_in_debt,
        max(month_number) as last_month_number
    from dated
    group by initiative_id
),

-- After its start: the line against the same month of the year before the initiative, month by month that is known.
actuals as (
    select
        started.initiative_id,
        count(*) as month_count,
        sum(reconciliation.amount - earlier.amount) as amount,
        sum(coalesce(dated.promised_amount, 0e0)) as promised_amount
    from started
    cross join calendar
    inner join reconciliation
        on started.kpi_line = reconciliation.line
        and started.start_month <= reconciliation.month
        and calendar.as_of_month >= reconciliation.month
    inner join reconciliation as earlier
        on reconciliation.line = earlier.line
        and earlier.month = {{ month_after('reconciliation.month', years_before) }}
    left join dated
        on started.initiative_id = dated.initiative_id
        and reconciliation.month = dated.month
    group by started.initiative_id
),

final as (
    select
        started.initiative_id,
        started.initiative_name,
        started.scenario_id,
        started.owner,
        started.objective,
        started.kpi_line,
        started.start_month,
        started.review_on,
        {{ rounded_to_cents('coalesce(summed.cost_amount, 0e0)', money_total()) }} as cost_amount,
        {{ rounded_to_cents('coalesce(summed.late_cost_amount, 0e0)', money_total()) }} as cost_beyond_plan_amount,
        {{ rounded_to_cents('coalesce(summed.effect_amount, 0e0)', money_total()) }} as effect_amount,
        {{ rounded_to_cents('coalesce(summed.kpi_amount, 0e0)', money_total()) }} as kpi_effect_amount,
        {{ rounded_to_cents('coalesce(summed.saved_amount, 0e0)', money_total()) }} as saved_amount,
        {{ rounded_to_cents('coalesce(summed.idle_amount, 0e0)', money_total()) }} as moved_to_idle_amount,
        {{ rounded_to_cents('coalesce(summed.net_present_value, 0e0)', money_total()) }} as net_present_value_amount,
        round((summed.effect_amount - summed.cost_amount) / nullif(summed.cost_amount, 0), 6) as return_on_cost,
        {{ rounded_to_cents('coalesce(summed.residual_income, 0e0)', money_total()) }} as residual_income_amount,
        cast(case when summed.last_month_in_debt < summed.last_month_number then summed.last_month_in_debt + 1 end as integer) as payback_months,
        settings.yearly_rate as yearly_discount_rate,
        {{ rounded_to_cents('coalesce(summed.promised_amount, 0e0)', money_total()) }} as promised_effect_amount,
        cast(coalesce(actuals.month_count, 0) as integer) as known_months,
        {{ rounded_to_cents('actuals.promised_amount', money_total()) }} as promised_to_date_amount,
        cast(actuals.amount as {{ money_total() }}) as actual_effect_amount,
        case
            when calendar.as_of_month < started.start_month then 'not_started'
            when actuals.month_count is null then 'no_data'
            when started.review_on <= {{ month_end_of('calendar.as_of_month') }} then 'to_review'
            else 'running'
        end as status,
        {{ month_end_of('calendar.as_of_month') }} as as_of
    from started
    cross join settings
    cross join calendar
    left join summed
        on started.initiative_id = summed.initiative_id
    left join actuals
        on started.initiative_id = actuals.initiative_id
)

select * from final

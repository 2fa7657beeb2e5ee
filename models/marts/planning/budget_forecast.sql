{%- set lines = plan_lines() -%}

with

calendar as (
    {{ plan_calendar() }}
),

settings as (
    select {{ normal_quantile('((1 + ' ~ value_setting('interval_level') ~ ') / 2)') }} as normal_width
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

compared as (
    select
        scenario_id,
        line,
        month,
        scenario_amount,
        difference_amount
    from {{ ref('scenario_comparison') }}
    where segment_id = 'all' and line_kind = 'posted'
),

scenarios as (
    select distinct scenario_id
    from compared
),

reconciliation as (
    select
        month,
        line,
        customers_amount + unattributed_amount + below_the_line_amount as amount
    from {{ ref('profitability_reconciliation') }}
    where line_kind = 'posted'
),

budgets as (
    select * from {{ ref('stg_finance__budgets') }}
    where account_id is not null
),

accounts as (
    select
        source_system,
        source_account_id,
        waterfall_line
    from {{ ref('dim_ledger_account') }}
),

exchange_rates as (
    select
        currency_code,
        calendar_date,
        exchange_rate
    from {{ ref('int_finance__daily_exchange_rates') }}
),

accuracy as (
    select distinct
        line,
        chosen_method
    from {{ ref('forecast_accuracy') }}
    where segment_id = 'all'
),

errors as (
    select
        line,
        method,
        horizon_months,
        mean_absolute_error_amount
    from {{ ref('forecast_accuracy') }}
    where segment_id = 'all'
),

cells as (
    select
        scenario_id,
        month,
        {%- for line, amount in lines.items() %}
        sum({{ amount }}) as {{ amount }},
        {%- endfor %}
        sum(active_customers) as active_customers,
        sum(variance) as variance
    from {{ ref('int_planning__cells') }}
    group by
        scenario_id,
        month
),

window_lines as (
    select
        reconciliation.line,
        cast(sum(reconciliation.amount) as double) / max(calendar.window_months) as amount
    from reconciliation
    cross join calendar
    where reconciliation.month > calendar.before_window and reconciliation.month <= calendar.as_of_month
    group by reconciliation.line
),

-- Below the margin of customers everything goes on as in the window; the cost of sustaining customers goes with those who order.
base_customers as (
    select
        month,
        active_customers
    from cells
    where scenario_id = 'base'
),

continued as (
    {%- for line, amount in lines.items() %}
    select
        scenario_id,
        month,
        '{{ line }}' as line,
        cast({{ amount }} as {{ money_total() }}) as amount
    from cells

    union all
    {%- endfor %}

    select
        cells.scenario_id,
        cells.month,
        window_lines.line,
        {{ rounded_to_cents(
            "window_lines.amount * case window_lines.line when 'sustaining_cost'"
            ~ " then coalesce(cells.active_customers / nullif(base_customers.active_customers, 0), 1e0) else 1e0 end",
            money_total()
        ) }} as amount
    from cells
    inner join base_customers
        on cells.month = base_customers.month
    cross join window_lines
    where window_lines.line not in ({{ quoted_list(lines | list) }})
),

budgeted as (
    select
        budgets.budget_month as month,
        accounts.waterfall_line as line,
        sum({{ to_reporting_currency('budgets.amount', 'budgets.currency_code', 'exchange_rates.exchange_rate') }}) as amount
    from budgets
    inner join accounts
        on budgets.source_system = accounts.source_system
        and budgets.account_id = accounts.source_account_id
    left join exchange_rates
        on budgets.currency_code = exchange_rates.currency_code
        and budgets.budget_month = exchange_rates.calendar_date
    group by
        budgets.budget_month,
        accounts.waterfall_line
),

-- Plans of finance know indirect cost by account, not where it ends.
budget_lines as (
    select
        month,
        case line when 'indirect_cost' then 'unassigned_cost' else line end as line,
        amount
    from budgeted
),

plan_months as (
    select
        months.month,
        {{ dbt.datediff('calendar.as_of_month', 'months.month', 'month') }} as horizon
    from (select distinct month from cells) as months
    cross join calendar
),

naive as (
    select
        plan_months.month,
        reconciliation.line,
        reconciliation.amount
    from plan_months
    cross join calendar
    inner join reconciliation
        on reconciliation.month = {{ month_after('plan_months.month', '-12 * cast(ceil(plan_months.horizon / 12e0) as integer)') }}
    where calendar.history_months >= 12
),

growths as (
    select
        reconciliation.line,
        cast(sum(case when reconciliation.month > {{ month_after('calendar.as_of_month', -12) }} then reconciliation.amount else 0 end) as double)
        / nullif(cast(sum(case when reconciliation.month <= {{ month_after('calendar.as_of_month', -12) }} then reconciliation.amount else 0 end) as double), 0)
            as growth
    from reconciliation
    cross join calendar
    where
        calendar.history_months >= 24
        and reconciliation.month > {{ month_after('calendar.as_of_month', -24) }} and reconciliation.month <= calendar.as_of_month
    group by reconciliation.line
),

methods as (
    select
        scenario_id,
        'activity_based' as method,
        month,
        line,
        scenario_amount as amount,
        'activity_based' as forecast_method
    from compared

    union all

    select
        scenario_id,
        'continuity_based' as method,
        month,
        line,
        amount,
        'continuity_based' as forecast_method
    from continued

    union all

    select
        'base' as scenario_id,
        'delivered_budget' as method,
        month,
        line,
        amount,
        'delivered_budget' as forecast_method
    from budget_lines

    union all

    select
        'base' as scenario_id,
        'actual' as method,
        reconciliation.month,
        reconciliation.line,
        reconciliation.amount,
        'actual' as forecast_method
    from reconciliation
    inner join calendar
        on reconciliation.month <= calendar.as_of_month

    union all

    select
        'base' as scenario_id,
        'seasonal_naive' as method,
        month,
        line,
        amount,
        'seasonal_naive' as forecast_method
    from naive

    union all

    select
        'base' as scenario_id,
        'last_year_growth' as method,
        naive.month,
        naive.line,
        {{ rounded_to_cents('cast(naive.amount as double) * coalesce(growths.growth, 1e0)', money_total()) }} as amount,
        'last_year_growth' as forecast_method
    from naive
    inner join growths
        on naive.line = growths.line

    union all

    select
        'base' as scenario_id,
        'trailing_mean' as method,
        plan_months.month,
        window_lines.line,
        {{ rounded_to_cents('window_lines.amount', money_total()) }} as amount,
        'trailing_mean' as forecast_method
    from plan_months
    cross join window_lines
),

-- Actual to date and the rest of the fiscal year in which the plan begins, each line by the method that was best at it so far; without a
-- back-test by the continuity of customers. A scenario adds what it changes in the months to come.
rolling as (
    select
        scenarios.scenario_id,
        'rolling' as method,
        methods.month,
        methods.line,
        cast(methods.amount + coalesce(compared.difference_amount, 0) as {{ money_total() }}) as amount,
        methods.forecast_method
    from methods
    cross join calendar
    cross join scenarios
    left join compared
        on scenarios.scenario_id = compared.scenario_id
        and methods.month = compared.month
        and methods.line = compared.line
    left join accuracy
        on methods.line = accuracy.line
    where
        methods.scenario_id = 'base'
        and methods.method = case
            when methods.month <= calendar.as_of_month then 'actual' else coalesce(accuracy.chosen_method, 'continuity_based')
        end
        and {{ fiscal_year_of('methods.month') }} = {{ fiscal_year_of(month_after('calendar.as_of_month', 1)) }}
),

everything as (
    select * from methods
    union all
    select * from rolling
),

planned_months as (
    select distinct
        scenario_id,
        method,
        month
    from everything
),

lined as (
    select
        planned_months.scenario_id,
        planned_months.method,
        planned_months.month,
        waterfall.line,
        waterfall.line_order,
        waterfall.line_kind,
        waterfall.effect,
        coalesce(everything.amount, 0) as amount,
        everything.forecast_method
    from planned_months
    cross join waterfall
    left join everything
        on planned_months.scenario_id = everything.scenario_id
        and planned_months.method = everything.method
        and planned_months.month = everything.month
        and waterfall.line = everything.line
),

summed as (
    select
        scenario_id,
        method,
        month,
        line,
        line_order,
        line_kind,
        case
            when line_kind = 'subtotal'
                then sum(effect * amount) over (
                        partition by scenario_id, method, month
                        order by line_order
                        rows between unbounded preceding and current row
                    )
            else amount
        end as amount,
        case when line_kind = 'subtotal' then 'sum_of_lines' else coalesce(forecast_method, 'none') end as forecast_method
    from lined
),

-- What customers will bring is as uncertain as the values of customers say; what has been forecast before, as its errors were.
widened as (
    select
        summed.*,
        calendar.as_of_month,
        case
            when summed.method in ('activity_based', 'continuity_based')
                then case when summed.line in ('customer_margin', 'customer_profit', 'operating_result') then settings.normal_width * sqrt(cells.variance) end
            when summed.month > calendar.as_of_month and summed.method not in ('actual', 'delivered_budget')
                then settings.normal_width * 1.2533141373155e0 * cast(errors.mean_absolute_error_amount as double)
        end as half_width
    from summed
    cross join calendar
    cross join settings
    left join cells
        on summed.scenario_id = cells.scenario_id
        and summed.month = cells.month
    left join accuracy
        on summed.line = accuracy.line
    left join errors
        on summed.line = errors.line
        and case summed.method when 'rolling' then accuracy.chosen_method else summed.method end = errors.method
        and {{ dbt.datediff('calendar.as_of_month', 'summed.month', 'month') }}
        = errors.horizon_months
),

opposites as (
    select
        scenario_id,
        month,
        line,
        max(case when method = 'activity_based' then amount end) as activity_based_amount,
        max(case when method = 'continuity_based' then amount end) as continuity_based_amount
    from summed
    where method in ('activity_based', 'continuity_based')
    group by
        scenario_id,
        month,
        line
),

final as (
    select
        widened.scenario_id,
        widened.method,
        widened.month,
        widened.line,
        cast(widened.line_order as integer) as line_order,
        widened.line_kind,
        cast(widened.amount as {{ money_total() }}) as amount,
        cast(widened.amount - {{ rounded_to_cents('widened.half_width', money_total()) }} as {{ money_total() }}) as low_amount,
        cast(widened.amount + {{ rounded_to_cents('widened.half_width', money_total()) }} as {{ money_total() }}) as high_amount,
        widened.forecast_method,
        case
            when widened.method in ('activity_based', 'continuity_based')
                then cast(opposites.activity_based_amount - opposites.continuity_based_amount as {{ money_total() }})
        end as activity_less_continuity_amount,
        widened.month <= widened.as_of_month as is_past
    from widened
    left join opposites
        on widened.scenario_id = opposites.scenario_id
        and widened.month = opposites.month
        and widened.line = opposites.line
)

select * from final

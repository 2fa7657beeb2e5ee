{#- One governed number of the seed plan_settings, as a scalar subquery, double. -#}
{% macro plan_setting(name) -%}
    (select cast(max(case when setting = '{{ name }}' then setting_value end) as double) from {{ ref('plan_settings') }})
{%- endmacro %}


{#- Posted lines of a cell of the plan, those that customers bear by themselves, in the order of the waterfall: line -> column. -#}
{% macro plan_lines() -%}
    {%- set lines = {} -%}
    {%- for line in waterfall_lines() if line.kind == 'posted' and line.amount is defined and line.line != 'sustaining_cost' -%}
        {%- do lines.update({line.line: line.amount}) -%}
    {%- endfor -%}
    {{ return(lines) }}
{%- endmacro %}


{#- The same lines with their effect on the result: column -> 1 or -1. -#}
{% macro plan_effects() -%}
    {%- set effects = {} -%}
    {%- for line in waterfall_lines() if line.kind == 'posted' and line.amount is defined and line.line != 'sustaining_cost' -%}
        {%- do effects.update({line.amount: line.effect}) -%}
    {%- endfor -%}
    {{ return(effects) }}
{%- endmacro %}


{#- A number of steps as a whole one, by a governed rounding: 1 up, 0 down, anything between to the nearest.

    steps: expression, double, not negative; rounding: expression. Five decimals, so that an inexact whole number stays one. -#}
{% macro whole_steps(steps, rounding) -%}
    (case
        when {{ rounding }} >= 1 then ceil(round({{ steps }}, 5))
        when {{ rounding }} <= 0 then floor(round({{ steps }}, 5))
        else round({{ steps }}, 0)
    end)
{%- endmacro %}


{#- The product of the factors of a group, the same in any order of rows. Factors are not negative. -#}
{% macro product_of(factor) -%}
    (case
        when min({{ factor }}) <= 0 then 0e0
        else exp(cast(sum(cast(ln(case when {{ factor }} > 0 then {{ factor }} else 1e0 end) as decimal(28, 18))) as double))
    end)
{%- endmacro %}


{#- The scenarios that are planned: base, and those of the seed that hold in the first month of the plan. -#}
{% macro plan_scenario_ids(first_month) -%}
    select 'base' as scenario_id

    union all

    select scenario_id
    from {{ ref('plan_scenarios') }} as scenarios
    where {{ is_valid_in('scenarios', first_month) }}
{%- endmacro %}


{#- Select of the changes that every scenario makes, those of the scenario that it is based on included.

    One row a change and scenario, with the columns of plan_changes. -#}
{% macro plan_changes_by_scenario() -%}
    select
        scenarios.scenario_id,
        changes.change_id,
        changes.lever,
        changes.operation,
        cast(changes.change_value as double) as change_value,
        changes.to_channel_id,
        changes.cohort_kind,
        changes.segment_id,
        changes.channel_id,
        changes.media_source,
        changes.customers,
        changes.pool_id,
        changes.activity_id,
        {%- for part in plan_parts() %}
        changes.{{ part }},
        {%- endfor %}
        changes.valid_from,
        changes.valid_to
    from {{ ref('plan_scenarios') }} as scenarios
    inner join {{ ref('plan_changes') }} as changes
        on changes.scenario_id in (scenarios.scenario_id, scenarios.base_scenario_id)
{%- endmacro %}


{#- What a lever makes of a value: set, then multiplied, then added to; the order of the changes does not show.

    lever: prefix of the columns <lever>_set, _factor and _added; base: expression of the value without changes. -#}
{% macro changed(lever, base) -%}
    (coalesce(effects.{{ lever }}_set, {{ base }}) * coalesce(effects.{{ lever }}_factor, 1e0) + coalesce(effects.{{ lever }}_added, 0e0))
{%- endmacro %}


{#- Columns of the changes of a lever, of a group of changes: <lever>_set, <lever>_factor, <lever>_added.

    levers: names. -#}
{% macro lever_columns(levers) -%}
    {%- for lever in levers %}
        max(case when lever = '{{ lever }}' and operation = 'set' then change_value end) as {{ lever }}_set,
        {{ product_of("(case when lever = '" ~ lever ~ "' and operation = 'multiply' then change_value else 1e0 end)") }} as {{ lever }}_factor,
        cast(sum(case when lever = '{{ lever }}' and operation = 'add' then cast(change_value as decimal(28, 10)) else 0 end) as double) as {{ lever }}_added
        {{- ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}


{#- Months at the beginning of the data in which nobody knows whether who buys for the first time is new: as governed, but half of the history at most.

    history: expression of the months that are known. Without the setting, a year. -#}
{% macro plan_watch_months(history) -%}
    cast(least(coalesce({{ plan_setting('new_customer_watch_months') }}, 12e0), greatest(floor(({{ history }}) / 2e0), 1e0)) as integer)
{%- endmacro %}


{#- Select of what plans look back at: as_of_month, first_month, history_months, the months of the window that there are, and the month before it;
    watch_months at the beginning of the data, the last of which is watched_after; won_after, the month after which a first order in the window is one of
    a new customer. One row, or none where no month has ended. -#}
{% macro plan_calendar() -%}
    select
        *,
        greatest(before_window, watched_after) as won_after
    from (
        select
            as_of_month,
            first_month,
            history_months,
            window_months,
            watch_months,
            {{ month_after('as_of_month', '-cast(window_months as integer)') }} as before_window,
            {{ month_after('first_month', 'watch_months - 1') }} as watched_after
        from (
            select
                as_of_month,
                first_month,
                {{ dbt.datediff('first_month', 'as_of_month', 'month') }} + 1 as history_months,
                least({{ plan_setting('window_months') }}, {{ dbt.datediff('first_month', 'as_of_month', 'month') }} + 1) as window_months,
                {{ plan_watch_months(dbt.datediff('first_month', 'as_of_month', 'month') ~ ' + 1') }} as watch_months
            from {{ ref('int_calendar__as_of') }}
            where as_of_month is not null
        ) as known
    ) as watched
{%- endmacro %}


{#- CTEs rules, methods, pools, month_edges (as int_costing__pool_edges) and month_inverse (as int_costing__pool_inverse) for the months of a relation: rules
    between pools are the same in every scenario.

    runs: CTE with a period. -#}
{% macro plan_pool_inverse(runs) %}
    rules as (
        select * from {{ ref('pool_rules') }}
    ),

    methods as (
        select * from {{ ref('cost_methods') }}
        where stage = 'pool_to_pool'
    ),

    pools as (
        select
            pool_id,
            coalesce(step_order, 1000000) as step_order
        from {{ ref('cost_pools') }}
    ),

    month_edges as (
        with

        periods as (
            select distinct period
            from {{ runs }}
        )

        select * from (
            {{ pool_edges() }}
        ) as kept_edges
    ),

    nodes as (
        select
            months.period,
            pools.pool_id
        from (select distinct period from {{ runs }}) as months
        cross join pools
    ),

    month_inverse as (
        {{ reciprocal_inverse('nodes', 'month_edges') }}
    ),
{%- endmacro %}


{#- Lines of the waterfall as what they are made of, line -> expression: a posted one is its own amount, a subtotal what was posted above it.

    lines: names of lines. -#}
{% macro line_sums(lines) -%}
    {%- set sums = {} -%}
    {%- for line in waterfall_lines() if line.amount is defined and line.line in lines -%}
        {%- set above = [] -%}
        {%- for posted in waterfall_lines() if posted.kind == 'posted' and posted.amount is defined and posted.order < line.order -%}
            {%- do above.append(('+ ' if posted.effect > 0 else '- ') ~ posted.amount) -%}
        {%- endfor -%}
        {%- do sums.update({line.line: line.amount if line.kind == 'posted' else (above | join(' '))[2:]}) -%}
    {%- endfor -%}
    {{- return(sums) -}}
{%- endmacro %}

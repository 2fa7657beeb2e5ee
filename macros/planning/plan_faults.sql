{#- Whether planning rules have to fit this company: those of the project are the demo's, and where another company brings its own cost, segment
    or media rules and none for planning, what they name and it does not have is left out instead of refused. -#}
{% macro plan_rules_are_own() -%}
    {{ return(env_var('PROFIT_PLANNING_RULES', '') != '' or (
        env_var('PROFIT_COST_RULES', '') == '' and env_var('PROFIT_SEGMENT_RULES', '') == '' and env_var('PROFIT_MEDIA_RULES', '') == ''
    )) }}
{%- endmacro %}


{#- Select of what is wrong with the planning rules: rule_file, file_line, rule_id, problem.

    is_own: whether names that the company does not have are refused. -#}
{% macro plan_faults(is_own=true) %}
    {%- set filters = plan_filters() -%}
    {#- Without them nothing is planned; of new_customer_watch_months there is a default. -#}
    {%- set settings = [
        'horizon_months', 'window_months', 'new_customer_growth', 'cost_growth', 'media_response', 'needed_steps_rounding', 'released_steps_rounding',
        'receipt_delay_months',
    ] -%}
    {%- set seeds = ['plan_settings', 'plan_resources', 'plan_scenarios', 'plan_changes', 'plan_initiatives', 'plan_initiative_costs'] -%}
    with

    {%- for seed in seeds %}

    {{ seed }}_lines as (
        select
            *,
            {{ seed_line() }} as file_line
        from {{ ref(seed) }}
    ),
    {%- endfor %}

    scenarios as (
        select * from {{ ref('plan_scenarios') }}
    ),

    known as (
        select 'channel_id' as kind, channel_id as member from {{ ref('dim_channel') }}
        union distinct
        select 'channel_id' as kind, channel_id as member from {{ ref('activity_drivers') }}
        union distinct
        select 'segment_id' as kind, segment_id as member from {{ ref('segments') }}
        union distinct
        select 'segment_id' as kind, 'new' as member
        union distinct
        select 'media_source' as kind, media_source as member from {{ ref('media_sources') }}
        union distinct
        select 'media_source' as kind, 'none' as member
        union distinct
        select 'pool_id' as kind, pool_id as member from {{ ref('cost_pools') }}
        union distinct
        select 'activity_id' as kind, activity_id as member from {{ ref('cost_activities') }}
        union distinct
        select 'customers' as kind, customer_id as member from {{ ref('dim_customer') }} where not is_prospect
        union distinct
        {%- for trait in plan_traits() %}
        select '{{ trait }}' as kind, {{ "coalesce(industry, 'none')" if trait == 'industry' else trait }} as member
        from {{ ref('dim_customer') }} where not is_prospect
        union distinct
        {%- endfor %}
        select 'product_group' as kind, products.product_group as member
        from {{ ref('dim_product') }} as products
        inner join {{ ref('fct_order_lines') }} as order_lines
            on products.product_id = order_lines.product_id
        union distinct
        select 'scenario_id' as kind, scenario_id as member from scenarios
        union distinct
        select 'line' as kind, line as member from {{ ref('waterfall_lines') }}
        union distinct
        select 'initiative_id' as kind, initiative_id as member from {{ ref('plan_initiatives') }}
    ),

    -- What a rule names, and as what; lists of customers are counted below.
    named as (
        select 'plan_changes' as rule_file, file_line, change_id as rule_id, 'scenario_id' as kind, scenario_id as member from plan_changes_lines
        {%- for filter in filters if is_own and filter not in ['cohort_kind', 'customers'] %}
        union all
        select 'plan_changes' as rule_file, file_line, change_id as rule_id, '{{ filter }}' as kind, {{ filter }} as member from plan_changes_lines
        {%- endfor %}
        {%- if is_own %}
        union all
        select 'plan_changes' as rule_file, file_line, change_id as rule_id, 'channel_id' as kind, to_channel_id as member from plan_changes_lines
        union all
        select 'plan_changes' as rule_file, file_line, change_id as rule_id, 'customers' as kind, {{ dbt.split_part('customers', "' '", 1) }} as member
        from plan_changes_lines
        where customers not like 'loss_makers:%' and customers not like '% %'
        union all
        select 'plan_resources' as rule_file, file_line, pool_id as rule_id, 'pool_id' as kind, pool_id as member from plan_resources_lines
        {%- endif %}
        union all
        select 'plan_initiatives' as rule_file, file_line, initiative_id as rule_id, 'scenario_id' as kind, scenario_id as member
        from plan_initiatives_lines
        union all
        select 'plan_initiatives' as rule_file, file_line, initiative_id as rule_id, 'line' as kind, kpi_line as member from plan_initiatives_lines
        union all
        select 'plan_initiative_costs' as rule_file, file_line, initiative_id as rule_id, 'initiative_id' as kind, initiative_id as member
        from plan_initiative_costs_lines
        union all
        select 'plan_scenarios' as rule_file, file_line, scenario_id as rule_id, 'scenario_id' as kind, base_scenario_id as member
        from plan_scenarios_lines
        where base_scenario_id <> 'base'
    ),

    unknown as (
        select
            named.rule_file,
            named.file_line,
            named.rule_id,
            {{ dbt.concat(["named.kind", "' '", "named.member", "' is not known, so that the filter selects nothing'"]) }} as problem
        from named
        left join known
            on named.kind = known.kind
            and named.member = known.member
        where named.member is not null and known.member is null
    ),

    {{ plan_change_faults(is_own) }}

    wrong_others as (
        select
            'plan_scenarios' as rule_file,
            lines.file_line,
            lines.scenario_id as rule_id,
            case
                when lines.scenario_id in ('base', 'actual') then 'this name is taken'
                when coalesce(bases.base_scenario_id, 'base') <> 'base' then 'it starts from a scenario that starts from another one'
            end as problem
        from plan_scenarios_lines as lines
        left join scenarios as bases
            on lines.base_scenario_id = bases.scenario_id

        union all

        select
            'plan_resources' as rule_file,
            file_line,
            pool_id as rule_id,
            case
                when (step_minutes is null) <> (step_cost_amount is null) then 'a step has both minutes and cost'
                when resource_kind = 'flexible' and step_minutes is not null then 'a flexible pool has no steps'
                when
                    lag(coalesce(valid_to, cast('9999-12-31' as date))) over (partition by pool_id order by valid_from) >= valid_from
                    then 'it overlaps with an earlier version'
            end as problem
        from plan_resources_lines

        union all

        select
            'plan_changes' as rule_file,
            lines.file_line,
            lines.change_id as rule_id,
            case when resources.step_minutes is null then 'the pool ' || lines.pool_id || ' has no steps in plan_resources' end as problem
        from plan_changes_lines as lines
        left join {{ ref('plan_resources') }} as resources
            on lines.pool_id = resources.pool_id
        where lines.lever = 'capacity'

        union all

        select
            'plan_initiatives' as rule_file,
            file_line,
            initiative_id as rule_id,
            case
                when review_on < starts_on
                    then 'it is reviewed on ' || cast(review_on as {{ dbt.type_string() }}) || ', before it starts on '
                        || cast(starts_on as {{ dbt.type_string() }}) || ': one of the two days is wrong'
            end as problem
        from plan_initiatives_lines

        union all

        select
            'plan_settings' as rule_file,
            file_line,
            setting as rule_id,
            case
                when setting = 'horizon_months' and (setting_value < 12 or setting_value > 36 or setting_value <> floor(setting_value))
                    then 'the horizon is a whole number of months from 12 to 36'
                when setting = 'new_customer_watch_months' and (setting_value < 0 or setting_value <> floor(setting_value))
                    then 'the watch is a whole number of months from 0 on'
                when setting = 'window_months' and (setting_value < 1 or setting_value > 36 or setting_value <> floor(setting_value))
                    then 'the window is a whole number of months from 1 to 36'
                when setting like '%rounding' and setting_value not in (0, 0.5, 1) then 'the rounding is 0, 0.5 or 1'
                when setting in ('new_customer_growth', 'cost_growth') and setting_value < -1 then 'nothing shrinks by more than all of it'
                when setting in ('media_response', 'receipt_delay_months') and setting_value < 0 then 'it is not negative'
            end as problem
        from plan_settings_lines

        union all

        select
            'plan_settings' as rule_file,
            cast(null as bigint) as file_line,
            settings.setting as rule_id,
            case when count(given.setting_value) = 0 then 'the setting is missing; copy its row from seeds/planning' end as problem
        from {{ listed(settings, 'settings', 'setting') }}
        left join plan_settings_lines as given
            on settings.setting = given.setting
        group by settings.setting
    ),

    problems as (
        select rule_file, file_line, rule_id, problem from unknown
        {%- for relation in ['misplaced', 'short_lists', 'wrong_changes', 'overlapping', 'inherited', 'overmoved'] %}
        union all
        select 'plan_changes' as rule_file, file_line, rule_id, problem from {{ relation }}
        {%- endfor %}
        union all
        select rule_file, file_line, rule_id, problem from wrong_others
    )

    select distinct
        rule_file,
        file_line,
        rule_id,
        problem
    from problems
    where problem is not null
{%- endmacro %}


{#- Pre-hook of the first model of plans: stops the run before anything is planned, and names file, line and rule. -#}
{% macro refuse_broken_plans() -%}
    {%- if execute and flags.WHICH in ['build', 'run'] -%}
        {%- set code = plan_faults(plan_rules_are_own()) -%}
        {%- if target.type == 'duckdb' -%}
            {#- Changes that are tried on the build later are held against the same. -#}
            {%- do write_texts(record_of_builds('plan_faults'), ['code'], [[code]]) -%}
        {%- endif -%}
        {%- set found = run_query(code ~ ' order by rule_file, file_line, rule_id, problem') -%}
        {%- if found.rows | length > 0 -%}
            {%- set messages = [] -%}
            {%- for problem in found.rows -%}
                {%- do messages.append(
                    problem[0] ~ '.csv' ~ (', line ' ~ problem[1] if problem[1] is not none else '')
                    ~ (', rule ' ~ problem[2] if problem[2] else '') ~ ': ' ~ problem[3]
                ) -%}
            {%- endfor -%}
            {{ exceptions.raise_compiler_error(
                'The planning rules in ' ~ env_var('PROFIT_PLANNING_RULES', 'seeds/planning') ~ ' cannot be used:\n  ' ~ messages | join('\n  ')
            ) }}
        {%- endif -%}
    {%- endif -%}
    select 1
{%- endmacro %}

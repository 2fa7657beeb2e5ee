{{ config(post_hook={'sql': "{{ refuse_broken_rules('PROFIT_PERFORMANCE_RULES', 'seeds/performance') }}", 'transaction': false}) }}

{%- set text = dbt.type_string() %}
{%- set always, ever = "cast('0001-01-01' as date)", "cast('9999-12-31' as date)" %}

with

{% for seed in ['objectives', 'kpis', 'bands', 'targets', 'delivered_targets', 'drill_paths'] -%}
{{ seed }} as (
    select
        *,
        {{ seed_line() }} as file_line
    from {{ ref(seed) }}
),

{% endfor -%}
metrics as (
    {%- for metric in scorecard_metrics() %}
    select
        '{{ metric.metric }}' as metric,
        '{{ metric.adds_over_units }}' as adds_over_units,
        '{{ metric.adds_over_time }}' as adds_over_time,
        '{{ metric.unit }}' as unit
    {{- ' union all' if not loop.last }}
    {%- endfor %}
),

defined as (
    {%- for metric in (graph.metrics.values() if execute else []) %}
    select '{{ metric.name }}' as metric
    {{- ' union all' if not loop.last }}
    {%- endfor %}
),

unit_kinds as (
    select 'company' as unit_kind
    {%- for kind in scorecard_unit_kinds() %}
    union all
    select '{{ kind }}' as unit_kind
    {%- endfor %}
),

path_levels as (
    select
        *,
        lag(level) over (partition by drill_path order by level) as former_level,
        lag(unit_kind) over (partition by drill_path order by level) as former_kind,
        lag(unit_kind, 2) over (partition by drill_path order by level) as first_kind,
        count(*) over (partition by drill_path, unit_kind) as copies
    from drill_paths
),

-- What a target may name: one kind, or the kinds of a path down to a level.
target_kinds as (
    select unit_kind from unit_kinds
    union
    select 'any' as unit_kind
    union
    select former_kind || '/' || unit_kind as unit_kind
    from path_levels
    where level = 2
    union
    select first_kind || '/' || former_kind || '/' || unit_kind as unit_kind
    from path_levels
    where level = 3
),

weights as (
    select
        'objectives' as rule_file,
        file_line,
        objective_id as rule_id,
        coalesce(parent_objective_id, 'the top') as parent,
        weight
    from objectives

    union all

    select
        'kpis' as rule_file,
        file_line,
        kpi_id as rule_id,
        objective_id as parent,
        weight
    from kpis
),

weighed as (
    select
        *,
        sum(weight) over (partition by parent) as total_weight,
        row_number() over (partition by parent order by rule_file, file_line, rule_id) as place
    from weights
),

-- Five levels below the top are enough; what is deeper, or goes round, does not arrive there.
climbs as (
    select
        objectives.objective_id,
        objectives.file_line,
        coalesce(p1.objective_id, '') as parent,
        coalesce(p5.parent_objective_id, '') as beyond
    from objectives
    left join objectives as p1
        on objectives.parent_objective_id = p1.objective_id
    {%- for level in range(2, 6) %}
    left join objectives as p{{ level }}
        on p{{ level - 1 }}.parent_objective_id = p{{ level }}.objective_id
    {%- endfor %}
),

-- What has something below it; of a chain of objectives the last one is told.
judged as (
    select objective_id from kpis
    union
    select parent_objective_id as objective_id from objectives
),

numbered_bands as (
    select
        *,
        coalesce(valid_from, {{ always }}) as from_day,
        coalesce(valid_to, {{ ever }}) as to_day,
        row_number() over (partition by band_set, valid_from, valid_to order by coalesce(from_value, -1e300), coalesce(to_value, 1e300)) as place,
        lag(to_value) over (partition by band_set, valid_from, valid_to order by coalesce(from_value, -1e300), coalesce(to_value, 1e300)) as former_to,
        lag(status) over (partition by band_set, valid_from, valid_to order by coalesce(from_value, -1e300), coalesce(to_value, 1e300)) as former_status,
        count(*) over (partition by band_set, valid_from, valid_to) as band_count
    from bands
),

band_versions as (
    select
        band_set,
        from_day,
        to_day,
        min(file_line) as file_line,
        lag(to_day) over (partition by band_set order by from_day, to_day) as former_to_day
    from numbered_bands
    group by band_set, from_day, to_day
),

counted_targets as (
    select
        *,
        coalesce(unit_id, '') as unit_key,
        coalesce(period, {{ always }}) as period_key,
        coalesce(valid_from, {{ always }}) as from_day,
        coalesce(valid_to, {{ ever }}) as to_day
    from targets
),

target_spans as (
    select
        *,
        case period_kind
            when 'quarter' then {{ fiscal_quarter_start_of('period') }}
            when 'year' then {{ fiscal_year_start_of('period') }}
            else {{ month_of('period') }}
        end as first_day,
        lag(to_day) over (partition by kpi_id, unit_kind, unit_key, period_kind, period_key order by from_day, to_day) as former_to_day
    from counted_targets
),

band_sets as (
    select distinct band_set
    from bands
),

targeted as (
    select kpi_id from targets
    union
    select kpi_id from delivered_targets
),

members as (
    {{ scorecard_members() }}
),

member_kinds as (
    select distinct unit_kind
    from members
),

-- Of the demo's rules, targets none of whose units is known are another company's: nothing is refused, and nothing has them.
own_targets as (
    select count(*){{ ' + 1' if env_var('PROFIT_PERFORMANCE_RULES', '') != '' }} as known_count
    from targets
    inner join members
        on targets.unit_kind = members.unit_kind
        and targets.unit_id = members.unit_id
),

problems as (
    select
        'kpis' as rule_file,
        kpis.file_line,
        kpis.kpi_id as rule_id,
        case
            when kpis.kpi_id is null then 'it has no kpi_id'
            when defined.metric is null then 'no metric ' || coalesce(kpis.metric, '(empty)') || ' is defined in the semantic layer'
            when metrics.metric is null
                then 'metric ' || kpis.metric || ' is neither a sum nor a ratio of sums by unit and month, so no scorecard can add it up'
            when coalesce(kpis.owner, '') = '' then 'it is not SMART: it has no owner'
            when coalesce(kpis.unit, '') = '' then 'it is not SMART: it has no unit of measure'
            when kpis.unit <> metrics.unit then 'its unit is ' || kpis.unit || ', that of the metric is ' || metrics.unit
            when targeted.kpi_id is null then 'it is not SMART: it has no target in targets or delivered_targets'
            when objectives.objective_id is null then 'objective ' || coalesce(kpis.objective_id, '(empty)') || ' is not in objectives'
            when kpis.adds_over_units <> metrics.adds_over_units
                then 'it adds up over units as ' || kpis.adds_over_units || ', its metric as ' || metrics.adds_over_units
            when kpis.adds_over_time <> metrics.adds_over_time
                then 'it adds up over time as ' || kpis.adds_over_time || ', its metric as ' || metrics.adds_over_time
            when band_sets.band_set is null then 'band_set ' || coalesce(kpis.band_set, '(empty)') || ' is not in bands'
            when kpis.worst_value = kpis.best_value then 'worst_value and best_value are the same'
            when (kpis.direction = 'higher') <> (kpis.best_value > kpis.worst_value)
                then kpis.direction || ' is better, but best_value is not ' || kpis.direction || ' than worst_value'
        end as problem
    from kpis
    left join defined
        on kpis.metric = defined.metric
    left join metrics
        on kpis.metric = metrics.metric
    left join targeted
        on kpis.kpi_id = targeted.kpi_id
    left join objectives
        on kpis.objective_id = objectives.objective_id
    left join band_sets
        on kpis.band_set = band_sets.band_set

    union all

    select
        rule_file,
        file_line,
        rule_id,
        'the weights below ' || parent || ' sum to ' || cast(total_weight as {{ text }}) || ', not to 1' as problem
    from weighed
    where total_weight <> 1 and place = 1

    union all

    select
        'objectives' as rule_file,
        objectives.file_line,
        objectives.objective_id as rule_id,
        case
            when objectives.parent_objective_id is not null and climbs.parent = ''
                then 'parent ' || objectives.parent_objective_id || ' is not in objectives'
            when climbs.beyond <> '' then 'it lies more than five levels below the top, or its parents go round'
            when judged.objective_id is null
                then 'no KPI and no other objective stands below it, so that nothing judges it and its weight counts for nothing'
        end as problem
    from objectives
    inner join climbs
        on objectives.objective_id = climbs.objective_id
    left join judged
        on objectives.objective_id = judged.objective_id

    union all

    select
        'bands' as rule_file,
        file_line,
        band_set as rule_id,
        case
            when status in ('no_target', 'no_data') then status || ' is kept for KPIs without a target or without data'
            when from_value >= to_value then 'it ends at ' || cast(to_value as {{ text }}) || ', where it has not begun'
            when place = 1 and from_value is not null then 'gap: no band covers values below ' || cast(from_value as {{ text }})
            when place > 1 and (former_to is null or from_value is null or from_value < former_to) then 'overlap with the band ' || former_status
            when place > 1 and from_value > former_to
                then 'gap: no band covers values from ' || cast(former_to as {{ text }}) || ' to ' || cast(from_value as {{ text }})
            when place = band_count and to_value is not null then 'gap: no band covers values from ' || cast(to_value as {{ text }})
        end as problem
    from numbered_bands

    union all

    select
        'bands' as rule_file,
        file_line,
        band_set as rule_id,
        case
            when from_day > to_day then 'it is valid to a day before it is valid from'
            when from_day <= former_to_day then 'overlap in time with another version of the set'
            when from_day > cast({{ dbt.dateadd('day', 1, 'former_to_day') }} as date) then 'gap in time after the version that ends before it'
        end as problem
    from band_versions

    union all

    select
        'targets' as rule_file,
        target_spans.file_line,
        target_spans.kpi_id as rule_id,
        case
            when kpis.kpi_id is null then 'kpi ' || coalesce(target_spans.kpi_id, '(empty)') || ' is not in kpis'
            when target_kinds.unit_kind is null
                then 'no units of kind ' || coalesce(target_spans.unit_kind, '(empty)') || ' are known, alone or on a drill path'
            when target_spans.due_on is null then 'it is not SMART: it has no due date'
            when target_spans.unit_kind in ('any', 'company') and target_spans.unit_id is not null and target_spans.unit_id <> target_spans.unit_kind
                then 'a target for ' || target_spans.unit_kind || ' names no unit'
            when own_targets.known_count > 0 and member_kinds.unit_kind is not null and members.unit_id is null and target_spans.unit_id is not null
                then 'there is no ' || target_spans.unit_kind || ' ' || target_spans.unit_id
            when target_spans.period <> target_spans.first_day
                then 'its period ' || cast(target_spans.period as {{ text }}) || ' is not the first day of a '
                    || case target_spans.period_kind when 'quarter' then 'fiscal quarter' when 'year' then 'fiscal year' else 'month' end
                    || ', so that no period has it; that one begins on ' || cast(target_spans.first_day as {{ text }})
            when target_spans.from_day > target_spans.to_day then 'it is valid to a day before it is valid from'
            when target_spans.from_day <= target_spans.former_to_day then 'another target for the same unit and period is valid at the same time'
        end as problem
    from target_spans
    cross join own_targets
    left join kpis
        on target_spans.kpi_id = kpis.kpi_id
    left join target_kinds
        on target_spans.unit_kind = target_kinds.unit_kind
    -- A kind that nobody has delivered a member of cannot be told from a wrong one: a missing feed stops nothing.
    left join member_kinds
        on target_spans.unit_kind = member_kinds.unit_kind
    left join members
        on target_spans.unit_kind = members.unit_kind
        and target_spans.unit_id = members.unit_id

    union all

    select
        'delivered_targets' as rule_file,
        delivered_targets.file_line,
        delivered_targets.kpi_id as rule_id,
        case
            when kpis.kpi_id is null then 'kpi ' || coalesce(delivered_targets.kpi_id, '(empty)') || ' is not in kpis'
            when kpis.adds_over_time <> 'sum' then 'plans are amounts; the KPI does not add up over time'
        end as problem
    from delivered_targets
    left join kpis
        on delivered_targets.kpi_id = kpis.kpi_id

    union all

    select
        'drill_paths' as rule_file,
        file_line,
        drill_path as rule_id,
        case
            when copies > 1 then unit_kind || ' is on the path more than once'
            when level <> coalesce(former_level, 0) + 1 then 'level ' || cast(coalesce(former_level, 0) + 1 as {{ text }}) || ' is missing'
        end as problem
    from path_levels
),

final as (
    select distinct
        rule_file,
        file_line,
        rule_id,
        problem
    from problems
    where problem is not null
)

select * from final

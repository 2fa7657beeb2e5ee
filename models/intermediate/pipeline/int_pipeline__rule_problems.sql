{{ config(post_hook={'sql': "{{ refuse_broken_rules('PROFIT_PIPELINE_RULES', 'seeds/pipeline') }}", 'transaction': false}) }}

{%- set text = dbt.type_string() %}

with

stages as (
    select
        *,
        coalesce(valid_from, cast('0001-01-01' as date)) as from_day,
        coalesce(valid_to, cast('9999-12-31' as date)) as to_day,
        {{ seed_line() }} as file_line
    from {{ ref('pipeline_stages') }}
),

stage_names as (
    select
        *,
        {{ seed_line() }} as file_line
    from {{ ref('pipeline_stage_names') }}
),

-- A stage that had two versions on a day would count its opportunities twice; where it has none they would be open.
versions as (
    select
        *,
        lag(to_day) over (partition by stage order by from_day, to_day) as former_to_day,
        lag(stage_order) over (partition by stage order by from_day, to_day) as former_order,
        lag(stage_state) over (partition by stage order by from_day, to_day) as former_state
    from stages
),

known_stages as (
    select distinct stage
    from stages
),

problems as (
    select
        'pipeline_stages' as rule_file,
        file_line,
        stage as rule_id,
        case
            when from_day > to_day then 'it is valid to a day before it is valid from'
            when from_day <= former_to_day then 'it overlaps in time with an earlier version of the stage; end that one on the day before'
            when from_day > cast({{ dbt.dateadd('day', 1, 'former_to_day') }} as date)
                then 'gap in time: no version holds after ' || cast(former_to_day as {{ text }}) || ' and before ' || cast(from_day as {{ text }})
            when stage_order <> former_order or stage_state <> former_state
                then 'its place or state differs from that of an earlier version; only the probability may change, another stage needs another name'
        end as problem
    from versions

    union all

    select
        'pipeline_stage_names' as rule_file,
        stage_names.file_line,
        stage_names.delivered_name as rule_id,
        case
            when known_stages.stage is null then 'stage ' || coalesce(stage_names.stage, '(empty)') || ' is not in pipeline_stages'
            when stage_names.delivered_name <> lower(stage_names.delivered_name)
                then 'words are compared in small letters, so that none is this one; write ' || lower(stage_names.delivered_name)
        end as problem
    from stage_names
    left join known_stages
        on stage_names.stage = known_stages.stage
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

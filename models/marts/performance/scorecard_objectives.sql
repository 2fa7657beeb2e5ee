with

scores as (
    select
        kpi_id,
        objective_id,
        unit_kind,
        unit_id,
        period_kind,
        period,
        period_name,
        is_complete,
        score
    from {{ ref('scorecard') }}
),

objectives as (
    select * from {{ ref('objectives') }}
),

kpis as (
    select
        kpi_id,
        objective_id,
        weight
    from {{ ref('kpis') }}
),

-- Every KPI below every objective above it, with the product of the weights between them; five levels are enough.
level_0 as (
    select
        kpi_id,
        objective_id,
        cast(weight as double) as weight
    from kpis
),
{% for level in range(1, 6) %}
level_{{ level }} as (
    select
        below.kpi_id,
        objectives.parent_objective_id as objective_id,
        below.weight * cast(objectives.weight as double) as weight
    from level_{{ level - 1 }} as below
    inner join objectives
        on below.objective_id = objectives.objective_id
    where objectives.parent_objective_id is not null
),
{% endfor %}
reached as (
    {%- for level in range(6) %}
    select * from level_{{ level }}
    {{- ' union all' if not loop.last }}
    {%- endfor %}
),

final as (
    select
        objectives.objective_id,
        objectives.objective_name,
        objectives.parent_objective_id,
        cast(objectives.weight as double) as weight,
        scores.unit_kind,
        scores.unit_id,
        scores.period_kind,
        scores.period,
        scores.period_name,
        min(case when scores.is_complete then 1 else 0 end) = 1 as is_complete,
        -- Over those that have one: what has no target or no data is neither good nor bad, and scored_weight says how much is judged.
        -- Rounded, as a sum of doubles depends on the order in which an engine adds them up.
        round(
            sum(case when scores.score is not null then reached.weight * scores.score end)
            / nullif(sum(case when scores.score is not null then reached.weight end), 0), 10
        ) as score,
        round(coalesce(sum(case when scores.score is not null then reached.weight end), 0) / sum(reached.weight), 10) as scored_weight,
        cast(count(*) as bigint) as kpi_count,
        cast(count(scores.score) as bigint) as scored_kpi_count
    from reached
    inner join objectives
        on reached.objective_id = objectives.objective_id
    inner join scores
        on reached.kpi_id = scores.kpi_id
    group by
        objectives.objective_id,
        objectives.objective_name,
        objectives.parent_objective_id,
        objectives.weight,
        scores.unit_kind,
        scores.unit_id,
        scores.period_kind,
        scores.period,
        scores.period_name
)

select * from final

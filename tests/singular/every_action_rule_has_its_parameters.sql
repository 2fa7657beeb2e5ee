-- Proves that the seed action_parameters has each parameter that a rule reads, and no other: a missing one would silently find nothing, and
-- an unknown one would silently change nothing. Returns those that are missing or unknown, and rules of action_rules that no model asks.

with

needed as (
    {%- for rule_id, parameters in action_rule_parameters().items() %}
    {%- set last_rule = loop.last %}
    {%- for parameter in parameters %}
    select
        '{{ rule_id }}' as rule_id,
        '{{ parameter }}' as parameter
    {{- '

    union all
' if not (loop.last and last_rule) }}
    {%- endfor %}
    {%- endfor %}
),

given as (
    select
        rule_id,
        parameter
    from {{ ref('action_parameters') }}
),

rules as (
    select rule_id
    from {{ ref('action_rules') }}
),

ruled as (
    select distinct rule_id
    from needed
)

select
    coalesce(needed.rule_id, given.rule_id) as rule_id,
    coalesce(needed.parameter, given.parameter) as parameter,
    case when given.rule_id is null then 'missing' else 'unknown' end as problem
from needed
full outer join given
    on needed.rule_id = given.rule_id
    and needed.parameter = given.parameter
where needed.rule_id is null or given.rule_id is null

union all

select
    coalesce(rules.rule_id, ruled.rule_id) as rule_id,
    cast(null as {{ dbt.type_string() }}) as parameter,
    'no such rule' as problem
from rules
full outer join ruled
    on rules.rule_id = ruled.rule_id
where rules.rule_id is null or ruled.rule_id is null

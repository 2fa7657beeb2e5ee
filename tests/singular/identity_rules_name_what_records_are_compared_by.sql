-- Proves that the seeds of identity name comparisons, levels and fields that the macros comparison_levels and pairing_field know: a weight
-- of another name would weigh nothing, a contradiction never contradict, and a pairing rule pair nobody. Returns the names that are not known.

with

known_levels as (
    {%- for comparison, level in comparison_level_names() %}
    select
        '{{ comparison }}' as comparison,
        '{{ level }}' as level_name

    union all
    {% endfor %}
    {%- for comparison, levels in comparison_levels() %}
    select
        '{{ comparison }}' as comparison,
        'missing' as level_name
    {{- '

    union all
' if not loop.last }}
    {%- endfor %}
),

known_fields as (
    {%- for field in pairing_fields() %}
    select '{{ field }}' as field_name
    {{- '

    union all
' if not loop.last }}
    {%- endfor %}
),

named_levels as (
    select
        'identity_weights' as seed,
        comparison,
        level as level_name
    from {{ ref('identity_weights') }}

    union all

    select
        'identity_contradictions' as seed,
        comparison,
        level as level_name
    from {{ ref('identity_contradictions') }}

    union all

    select
        'identity_contradictions' as seed,
        and_comparison as comparison,
        and_level as level_name
    from {{ ref('identity_contradictions') }}
    where and_comparison is not null
),

named_fields as (
    {%- for number in [1, 2, 3] %}
    select
        'identity_pairing_rules' as seed,
        field_{{ number }} as field_name
    from {{ ref('identity_pairing_rules') }}
    where field_{{ number }} is not null
    {{- '

    union all
' if not loop.last }}
    {%- endfor %}
),

lifting as (
    select
        ' ' || unless_exact || ' ' as named
        {%- for comparison, levels in comparison_levels() %}
        {{- ',' if loop.first }}
        {{ '+ ' if not loop.first }}case when ' ' || replace(replace(unless_exact, '+', ''), '~', '') || ' ' like '% {{ comparison }} %' then 1 else 0 end
        {%- endfor %} as known_count,
        length(unless_exact) - length(replace(unless_exact, ' ', '')) + 1 as named_count
    from {{ ref('identity_contradictions') }}
    where unless_exact is not null
)

select
    named_levels.seed,
    named_levels.comparison || ' ' || named_levels.level_name as found
from named_levels
left join known_levels
    on named_levels.comparison = known_levels.comparison
    and named_levels.level_name = known_levels.level_name
where known_levels.level_name is null

union all

select
    named_fields.seed,
    named_fields.field_name as found
from named_fields
left join known_fields
    on named_fields.field_name = known_fields.field_name
where known_fields.field_name is null

union all

select
    'identity_contradictions' as seed,
    named as found
from lifting
where known_count <> named_count

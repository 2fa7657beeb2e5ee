{%- set groups = survivorship_groups().keys() | list + survivorship_groups(personal=true).keys() | list -%}

with

records as (
    select distinct
        source_system,
        record_kind
    from {{ ref('int_identity__records') }}
),

rules as (
    select * from {{ ref('identity_survivorship') }}
),

trust as (
    select * from {{ ref('identity_source_trust') }}
),

attribute_groups as (
    {%- for group in groups %}
    select '{{ group }}' as attribute_group
    {{- '

    union all
' if not loop.last }}
    {%- endfor %}
),

ruled as (
    select
        attribute_groups.attribute_group,
        coalesce(own_rules.rule, any_rules.rule, 'most_trusted') as rule
    from attribute_groups
    left join rules as own_rules
        on attribute_groups.attribute_group = own_rules.attribute
    left join rules as any_rules
        on any_rules.attribute = 'any'
),

-- The most specific row counts: a row for the attribute before one for any, then for the system, then for the kind.
ranked as (
    select
        records.source_system,
        records.record_kind,
        ruled.attribute_group,
        ruled.rule,
        trust.rank as trust_rank,
        row_number() over (
            partition by records.source_system, records.record_kind, ruled.attribute_group
            order by
                case when trust.attribute = ruled.attribute_group then 0 else 1 end,
                case when trust.source_system = records.source_system then 0 else 1 end,
                case when trust.record_kind = records.record_kind then 0 else 1 end
        ) as specificity_rank
    from records
    cross join ruled
    left join trust
        on trust.attribute in (ruled.attribute_group, 'any')
        and trust.source_system in (records.source_system, 'any')
        and trust.record_kind in (records.record_kind, 'any')
),

final as (
    select
        {%- for group in groups %}
        max(case when attribute_group = '{{ group }}' then rule end) as {{ group }}_rule,
        -- Whom no row names is trusted least.
        cast(coalesce(max(case when attribute_group = '{{ group }}' then trust_rank end), 999) as integer) as {{ group }}_rank,
        {%- endfor %}
        source_system,
        record_kind
    from ranked
    where specificity_rank = 1
    group by
        source_system,
        record_kind
)

select * from final

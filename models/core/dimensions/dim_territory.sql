{%- set staged = ref('stg_crm__territories') -%}
{%- set hierarchy = hierarchy_tops(hierarchy_edges(staged, 'territory_id', 'parent_territory_id'), 'node', 'parent_node', reads=[staged]) -%}

with

territories as (
    {{ hierarchy_members(staged, 'territory_id', 'parent_territory_id', hierarchy) }}
),

final as (
    select
        territories.member_id as territory_id,
        territories.source_system,
        territories.territory_id as source_territory_id,
        territories.territory_name,
        territories.region,
        territories.parent_member_id as parent_territory_id,
        territories.is_in_cycle as has_parent_cycle
        {{- extension_columns(ref('stg_crm__territories'), alias='territories') }},
        territories.country_code
    from territories

    union all

    select
        {{ unknown_member() }} as territory_id,
        {{ unknown_member() }} as source_system,
        {{ unknown_member() }} as source_territory_id,
        'No territory named' as territory_name,
        cast(null as {{ dbt.type_string() }}) as region,
        cast(null as {{ dbt.type_string() }}) as parent_territory_id,
        false as has_parent_cycle
        {{- extension_nulls(ref('stg_crm__territories')) }},
        cast(null as {{ dbt.type_string() }}) as country_code
)

select * from final

{% set parents %}
    select
        {{ conformed_key('source_system', 'territory_id') }} as territory_id,
        {{ conformed_key('source_system', 'parent_territory_id') }} as parent_territory_id
    from {{ ref('stg_crm__territories') }}
    where parent_territory_id is not null
{% endset %}
{% set hierarchy = hierarchy_tops(parents, 'territory_id', 'parent_territory_id', reads=[ref('stg_crm__territories')]) %}

with

tops as (
    select
        node,
        top,
        is_in_cycle
    from {{ hierarchy }}
),

territories as (
    select * from {{ ref('stg_crm__territories') }}
),

keyed as (
    select
        *,
        {{ conformed_key('source_system', 'territory_id') }} as member_id,
        {{ conformed_key('source_system', 'parent_territory_id') }} as parent_member_id
    from territories
),

final as (
    select
        keyed.member_id as territory_id,
        keyed.source_system,
        keyed.territory_id as source_territory_id,
        keyed.territory_name,
        keyed.region,
        {{ parent_after_cut('keyed.member_id', 'keyed.parent_member_id', 'tops') }} as parent_territory_id,
        {{ is_in_parent_cycle('keyed.member_id', 'keyed.parent_member_id', 'tops') }} as has_parent_cycle
        {{- extension_columns(ref('stg_crm__territories'), alias='keyed') }},
        keyed.country_code
    from keyed
    left join tops
        on keyed.member_id = tops.node

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

with

territories as (
    select * from {{ ref('stg_crm__territories') }}
),

final as (
    select
        {{ conformed_key('source_system', 'territory_id') }} as territory_id,
        source_system,
        territory_id as source_territory_id,
        territory_name,
        region,
        case
            when parent_territory_id is not null then {{ conformed_key('source_system', 'parent_territory_id') }}
        end as parent_territory_id
        {{- extension_columns(ref('stg_crm__territories')) }},
        country_code
    from territories

    union all

    select
        {{ unknown_member() }} as territory_id,
        {{ unknown_member() }} as source_system,
        {{ unknown_member() }} as source_territory_id,
        'No territory named' as territory_name,
        cast(null as {{ dbt.type_string() }}) as region,
        cast(null as {{ dbt.type_string() }}) as parent_territory_id
        {{- extension_nulls(ref('stg_crm__territories')) }},
        cast(null as {{ dbt.type_string() }}) as country_code
)

select * from final

{%- set staged = ref('stg_crm__sales_reps') -%}
{%- set hierarchy = hierarchy_tops(hierarchy_edges(staged, 'sales_rep_id', 'manager_sales_rep_id'), 'node', 'parent_node', reads=[staged]) -%}

with

sales_reps as (
    {{ hierarchy_members(staged, 'sales_rep_id', 'manager_sales_rep_id', hierarchy) }}
),

territory_keys as (
    select * from {{ ref('int_references__keys') }}
    where entity = 'territory'
),

final as (
    -- The name of a representative is personal data and stays in staging; the number identifies him or her.
    select
        sales_reps.member_id as sales_rep_id,
        sales_reps.source_system,
        sales_reps.sales_rep_id as source_sales_rep_id,
        sales_reps.role,
        coalesce({{ referred_id('territory_keys') }}, {{ unknown_member() }}) as territory_id,
        sales_reps.parent_member_id as manager_sales_rep_id,
        sales_reps.is_in_cycle as has_manager_cycle,
        sales_reps.hired_on
        {{- extension_columns(ref('stg_crm__sales_reps'), alias='sales_reps') }},
        sales_reps.left_on
    from sales_reps
    {{ resolve_reference('territory_keys', 'sales_reps.territory_id', 'sales_reps.source_system') }}

    union all

    select
        {{ unknown_member() }} as sales_rep_id,
        {{ unknown_member() }} as source_system,
        {{ unknown_member() }} as source_sales_rep_id,
        cast(null as {{ dbt.type_string() }}) as role,
        {{ unknown_member() }} as territory_id,
        cast(null as {{ dbt.type_string() }}) as manager_sales_rep_id,
        false as has_manager_cycle,
        cast(null as date) as hired_on
        {{- extension_nulls(ref('stg_crm__sales_reps')) }},
        cast(null as date) as left_on
)

select * from final

{% set parents %}
    select
        {{ conformed_key('source_system', 'sales_rep_id') }} as sales_rep_id,
        {{ conformed_key('source_system', 'manager_sales_rep_id') }} as manager_sales_rep_id
    from {{ ref('stg_crm__sales_reps') }}
    where manager_sales_rep_id is not null
{% endset %}
{% set hierarchy = hierarchy_tops(parents, 'sales_rep_id', 'manager_sales_rep_id', reads=[ref('stg_crm__sales_reps')]) %}

with

tops as (
    select
        node,
        top,
        is_in_cycle
    from {{ hierarchy }}
),

sales_reps as (
    select
        *,
        {{ conformed_key('source_system', 'sales_rep_id') }} as member_id,
        {{ conformed_key('source_system', 'manager_sales_rep_id') }} as manager_member_id
    from {{ ref('stg_crm__sales_reps') }}
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
        {{ parent_after_cut('sales_reps.member_id', 'sales_reps.manager_member_id', 'tops') }} as manager_sales_rep_id,
        {{ is_in_parent_cycle('sales_reps.member_id', 'sales_reps.manager_member_id', 'tops') }} as has_manager_cycle,
        sales_reps.hired_on
        {{- extension_columns(ref('stg_crm__sales_reps'), alias='sales_reps') }},
        sales_reps.left_on
    from sales_reps
    left join tops
        on sales_reps.member_id = tops.node
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

{%- set staged = ref('stg_finance__ledger_accounts') -%}
{%- set hierarchy = hierarchy_tops(hierarchy_edges(staged, 'account_id', 'parent_account_id'), 'node', 'parent_node', reads=[staged]) -%}

with

accounts as (
    {{ hierarchy_members(staged, 'account_id', 'parent_account_id', hierarchy) }}
),

final as (
    select
        accounts.member_id as ledger_account_id,
        accounts.source_system,
        accounts.account_id as source_account_id,
        accounts.account_name,
        accounts.account_type,
        accounts.parent_member_id as parent_ledger_account_id,
        accounts.is_in_cycle as has_parent_cycle
        {{- extension_columns(ref('stg_finance__ledger_accounts'), alias='accounts') }},
        accounts.waterfall_line
    from accounts

    union all

    -- A posting to an account that is not in the chart still belongs to the result until finance says otherwise.
    select
        {{ unknown_member() }} as ledger_account_id,
        {{ unknown_member() }} as source_system,
        {{ unknown_member() }} as source_account_id,
        'Account not in the chart' as account_name,
        'expense' as account_type,
        cast(null as {{ dbt.type_string() }}) as parent_ledger_account_id,
        false as has_parent_cycle
        {{- extension_nulls(ref('stg_finance__ledger_accounts')) }},
        'indirect_cost' as waterfall_line
)

select * from final

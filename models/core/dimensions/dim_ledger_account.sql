{% set parents %}
    select
        {{ conformed_key('source_system', 'account_id') }} as ledger_account_id,
        {{ conformed_key('source_system', 'parent_account_id') }} as parent_ledger_account_id
    from {{ ref('stg_finance__ledger_accounts') }}
    where parent_account_id is not null
{% endset %}
{% set hierarchy = hierarchy_tops(parents, 'ledger_account_id', 'parent_ledger_account_id', reads=[ref('stg_finance__ledger_accounts')]) %}

with

tops as (
    select
        node,
        top,
        is_in_cycle
    from {{ hierarchy }}
),

accounts as (
    select * from {{ ref('stg_finance__ledger_accounts') }}
),

keyed as (
    select
        *,
        {{ conformed_key('source_system', 'account_id') }} as member_id,
        {{ conformed_key('source_system', 'parent_account_id') }} as parent_member_id
    from accounts
),

final as (
    select
        keyed.member_id as ledger_account_id,
        keyed.source_system,
        keyed.account_id as source_account_id,
        keyed.account_name,
        keyed.account_type,
        {{ parent_after_cut('keyed.member_id', 'keyed.parent_member_id', 'tops') }} as parent_ledger_account_id,
        {{ is_in_parent_cycle('keyed.member_id', 'keyed.parent_member_id', 'tops') }} as has_parent_cycle
        {{- extension_columns(ref('stg_finance__ledger_accounts'), alias='keyed') }},
        keyed.waterfall_line
    from keyed
    left join tops
        on keyed.member_id = tops.node

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

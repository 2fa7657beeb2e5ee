with

accounts as (
    select * from {{ ref('stg_finance__ledger_accounts') }}
),

final as (
    select
        {{ conformed_key('source_system', 'account_id') }} as ledger_account_id,
        source_system,
        account_id as source_account_id,
        account_name,
        account_type,
        case
            when parent_account_id is not null then {{ conformed_key('source_system', 'parent_account_id') }}
        end as parent_ledger_account_id
        {{- extension_columns(ref('stg_finance__ledger_accounts')) }},
        waterfall_line
    from accounts

    union all

    -- A posting to an account that is not in the chart still belongs to the result until finance says otherwise.
    select
        {{ unknown_member() }} as ledger_account_id,
        {{ unknown_member() }} as source_system,
        {{ unknown_member() }} as source_account_id,
        'Account not in the chart' as account_name,
        'expense' as account_type,
        cast(null as {{ dbt.type_string() }}) as parent_ledger_account_id
        {{- extension_nulls(ref('stg_finance__ledger_accounts')) }},
        'indirect_cost' as waterfall_line
)

select * from final

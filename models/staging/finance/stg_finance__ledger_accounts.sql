with

versions as (
    select * from {{ source('finance', 'ledger_accounts') }}
),

newest as (
    {{ newest_version('versions', ['account_id']) }}
),

final as (
    select
        source_system,
        account_id,
        account_name,
        nullif(lower({{ trimmed('account_type') }}), '') as account_type,
        parent_account_id,
        coalesce(
            nullif(lower({{ trimmed('waterfall_line') }}), ''),
            case when lower({{ trimmed('account_type') }}) = 'expense' then 'indirect_cost' else 'none' end
        ) as waterfall_line
        {{- extension_columns(source('finance', 'ledger_accounts')) }},
        delivered_on
    from newest
)

select * from final

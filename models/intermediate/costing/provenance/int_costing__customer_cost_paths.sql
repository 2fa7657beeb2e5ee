{{ config(materialized='view') }}

with

paths as (
    {{ customer_cost_paths() }}
),

final as (
    select
        period,
        customer_id,
        waterfall_line,
        activity_id,
        ledger_account_id,
        first_pool_id,
        next_pool_id,
        last_pool_id,
        amount
    from paths
)

select * from final

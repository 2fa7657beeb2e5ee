with

months as (
    select distinct
        period,
        max(period) over () as newest_period
    from {{ ref('int_costing__account_flows') }}
),

asked as (
    select period
    from months
    where {{ is_asked_for('period', 'newest_period', var('provenance_periods')) }}
),

paths as (
    {{ customer_cost_paths(periods='asked') }}
),

final as (
    select
        cast(period as {{ dbt.type_string() }}) || '/' || customer_id || '/' || coalesce(activity_id, waterfall_line) || '/'
        || coalesce(ledger_account_id, '') || '/' || first_pool_id || '/' || coalesce(next_pool_id, '') || '/'
        || last_pool_id as provenance_id,
        customer_id,
        period as month,
        waterfall_line,
        activity_id,
        ledger_account_id,
        first_pool_id,
        next_pool_id,
        last_pool_id,
        amount as cost_amount
    from paths
)

select * from final

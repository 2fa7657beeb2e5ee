with

pools as (
    select * from {{ ref('cost_pools') }}
),

waterfall as (
    {{ waterfall_line_rows() }}
),

direct_lines as (
    select
        line,
        label
    from waterfall
    where line in ('cost_of_goods', 'commission', 'payment_fees', 'freight', 'lead_fees')
),

final as (
    select
        pool_id,
        pool_name,
        'resource' as pool_kind,
        owner,
        step_order
    from pools

    union all

    -- Direct costs pass through a pool of their own, from their accounts to the transactions that caused them.
    select
        'direct:' || line as pool_id,
        label as pool_name,
        'direct' as pool_kind,
        'finance' as owner,
        cast(null as integer) as step_order
    from direct_lines
)

select * from final

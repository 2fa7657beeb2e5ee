with

measured as (
    select * from {{ ref('int_costing__pool_rates') }}
    where not is_direct
),

rules as (
    select * from {{ ref('pool_rules') }}
),

used as (
    select
        period,
        activity_id,
        sum(minutes) as minutes
    from {{ ref('int_costing__activity_receivers') }}
    group by
        period,
        activity_id
),

final as (
    {{ activity_flows() }}
)

select * from final

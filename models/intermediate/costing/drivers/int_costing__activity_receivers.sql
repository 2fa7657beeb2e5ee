with

events as (
    select * from {{ ref('int_costing__activity_events') }}
),

final as (
    select
        period,
        rule_id,
        activity_id,
        receiver,
        customer_id,
        cast(sum(minutes) as decimal(18, 4)) as minutes
    from events
    group by
        period,
        rule_id,
        activity_id,
        receiver,
        customer_id
)

select * from final

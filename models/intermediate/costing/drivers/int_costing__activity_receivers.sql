with

events as (
    select
        period,
        rule_id,
        activity_id,
        customer_id,
        minutes
    from {{ ref('int_costing__activity_events') }}
),

summed as (
    select
        period,
        rule_id,
        activity_id,
        customer_id,
        cast(sum(minutes) as decimal(18, 4)) as minutes,
        count(*) as event_count
    from events
    group by
        period,
        rule_id,
        activity_id,
        customer_id
),

final as (
    select
        period,
        rule_id,
        activity_id,
        coalesce(customer_id, 'acquisition') as receiver,
        customer_id,
        minutes,
        event_count
    from summed
)

select * from final

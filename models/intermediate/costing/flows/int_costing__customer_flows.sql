with

activities as (
    select
        activity_id,
        cost_level,
        waterfall_line
    from {{ ref('cost_activities') }}
),

costs as (
    select
        period,
        activity_id,
        sum(amount) as amount
    from {{ ref('int_costing__activity_flows') }}
    where receiver_kind = 'activity'
    group by
        period,
        activity_id
),

receivers as (
    select * from {{ ref('int_costing__activity_receivers') }}
),

driven as (
    select
        period,
        activity_id,
        min(rule_id) as rule_id,
        sum(minutes) as minutes
    from receivers
    group by
        period,
        activity_id
),

placed as (
    select
        costs.period,
        costs.activity_id,
        costs.amount,
        driven.rule_id,
        case
            when activities.waterfall_line = 'business_sustaining' then 'business_sustaining'
            when coalesce(driven.minutes, 0) = 0 then 'unassigned'
            when activities.waterfall_line = 'acquisition' then 'acquisition'
            else 'customers'
        end as place
    from costs
    inner join activities
        on costs.activity_id = activities.activity_id
    left join driven
        on costs.period = driven.period
        and costs.activity_id = driven.activity_id
),

weighed as (
    select
        placed.period,
        placed.activity_id,
        placed.amount as activity_amount,
        receivers.rule_id,
        receivers.receiver,
        receivers.customer_id,
        receivers.minutes
    from placed
    inner join receivers
        on placed.period = receivers.period
        and placed.activity_id = receivers.activity_id
    where placed.place = 'customers'
),

split as (
    {{ allocate('weighed', 'activity_amount', 'minutes', group_by=['period', 'activity_id'], ties=['receiver']) }}
),

flows as (
    select
        period,
        activity_id,
        rule_id,
        case when customer_id is null then 'sustaining' else 'customer' end as receiver_kind,
        receiver,
        customer_id,
        minutes,
        allocated_amount as amount
    from split
    where allocated_amount <> 0

    union all

    select
        period,
        activity_id,
        case place
            when 'business_sustaining' then 'business_sustaining'
            when 'unassigned' then 'no_driver'
            else rule_id
        end as rule_id,
        case when place = 'unassigned' then 'unassigned' else 'sustaining' end as receiver_kind,
        place as receiver,
        cast(null as {{ dbt.type_string() }}) as customer_id,
        cast(0 as decimal(18, 4)) as minutes,
        amount
    from placed
    where place <> 'customers'
),

final as (
    select
        period,
        activity_id,
        rule_id,
        receiver_kind,
        receiver,
        customer_id,
        minutes,
        cast(amount as decimal(18, 4)) as amount
    from flows
)

select * from final

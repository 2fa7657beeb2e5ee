with

account_flows as (
    select * from {{ ref('int_costing__account_flows') }}
),

pool_flows as (
    select * from {{ ref('int_costing__pool_flows') }}
),

activity_flows as (
    select * from {{ ref('int_costing__activity_flows') }}
),

activities as (
    select
        activity_id,
        waterfall_line
    from {{ ref('cost_activities') }}
),

activity_amounts as (
    select
        period,
        activity_id,
        sum(amount) as amount
    from activity_flows
    where receiver_kind = 'activity'
    group by
        period,
        activity_id
),

receivers as (
    select
        period,
        rule_id,
        activity_id,
        receiver,
        customer_id,
        minutes,
        event_count
    from {{ ref('int_costing__activity_receivers') }}
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
        activity_amounts.period,
        activity_amounts.activity_id,
        activity_amounts.amount,
        driven.rule_id,
        case
            when activities.waterfall_line = 'business_sustaining' then 'business_sustaining'
            when coalesce(driven.minutes, 0) = 0 then 'unassigned'
            when activities.waterfall_line = 'acquisition' then 'acquisition'
            else 'customers'
        end as place
    from activity_amounts
    inner join activities
        on activity_amounts.activity_id = activities.activity_id
    left join driven
        on activity_amounts.period = driven.period
        and activity_amounts.activity_id = driven.activity_id
),

weighed as (
    select
        placed.period,
        placed.activity_id,
        placed.amount as activity_amount,
        receivers.rule_id,
        receivers.receiver,
        receivers.customer_id,
        receivers.minutes,
        receivers.event_count,
        driven.minutes as activity_minutes
    from placed
    inner join receivers
        on placed.period = receivers.period
        and placed.activity_id = receivers.activity_id
    inner join driven
        on placed.period = driven.period
        and placed.activity_id = driven.activity_id
    where placed.place = 'customers'
),

split as (
    {{ allocate('weighed', 'activity_amount', 'minutes', group_by=['period', 'activity_id'], ties=['receiver'], total='activity_minutes') }}
),

order_lines as (
    select
        month,
        customer_id,
        cost_basis,
        cost_of_goods_amount
    from {{ ref('fct_order_lines') }}
),

returns as (
    select
        month,
        customer_id,
        cost_basis,
        returned_cost_of_goods_amount
    from {{ ref('fct_returns') }}
),

direct_selling_costs as (
    select
        month,
        customer_id,
        cost_kind,
        cost_amount
    from {{ ref('fct_direct_selling_costs') }}
),

caused as (
    select
        month as period,
        'direct:cost_of_goods' as pool_id,
        case when cost_basis = 'actual' then 'direct:cost_of_goods:actual' else 'direct:cost_of_goods' end as rule_id,
        customer_id,
        cost_of_goods_amount as amount
    from order_lines

    union all

    select
        month as period,
        'direct:cost_of_goods' as pool_id,
        case when cost_basis = 'actual' then 'direct:cost_of_goods:actual' else 'direct:cost_of_goods' end as rule_id,
        customer_id,
        -returned_cost_of_goods_amount as amount
    from returns

    union all

    select
        month as period,
        'direct:' || cost_kind as pool_id,
        'direct:' || cost_kind as rule_id,
        customer_id,
        cost_amount as amount
    from direct_selling_costs
),

-- By the rule that says which cost it is.
borne as (
    select
        period,
        pool_id,
        rule_id,
        customer_id,
        sum(amount) as amount
    from caused
    group by
        period,
        pool_id,
        rule_id,
        customer_id
    having sum(amount) <> 0
),

-- What the ledger has more or less than the transactions: a variance of price or use that no customer caused.
sides as (
    select
        period,
        receiver as pool_id,
        amount
    from account_flows
    where receiver like 'direct:%'

    union all

    select
        period,
        pool_id,
        -amount as amount
    from borne
),

flows as (
    select
        {{ cost_flow('account_to_pool', {
            'rule_id': 'rule_id', 'sender': 'ledger_account_id', 'receiver': 'receiver', 'receiver_kind': 'receiver_kind', 'amount': 'amount',
        }) }}
    from account_flows

    union all

    select
        {{ cost_flow('pool_to_pool', {
            'rule_id': 'rule_id', 'sender': 'pool_id', 'receiver': 'receiver_pool_id', 'receiver_kind': "'pool'", 'amount': 'amount',
        }) }}
    from pool_flows

    union all

    select
        {{ cost_flow('pool_to_activity', {
            'rule_id': 'rule_id', 'sender': 'pool_id', 'receiver': 'receiver', 'receiver_kind': 'receiver_kind', 'activity_id': 'activity_id',
            'amount': 'amount',
        }) }}
    from activity_flows

    union all

    select
        {{ cost_flow('pool_to_customer', {
            'rule_id': 'rule_id', 'sender': 'pool_id', 'receiver': 'customer_id', 'receiver_kind': "'customer'", 'customer_id': 'customer_id',
            'amount': 'amount',
        }) }}
    from borne

    union all

    select
        {{ cost_flow('pool_to_customer', {
            'rule_id': 'pool_id', 'sender': 'pool_id', 'receiver': "'direct_variance'", 'receiver_kind': "'unassigned'", 'amount': 'sum(amount)',
        }) }}
    from sides
    group by
        period,
        pool_id
    having sum(amount) <> 0

    union all

    select
        {{ cost_flow('activity_to_customer', {
            'rule_id': 'rule_id', 'sender': 'activity_id', 'receiver': 'receiver',
            'receiver_kind': "case when customer_id is null then 'sustaining' else 'customer' end", 'customer_id': 'customer_id',
            'activity_id': 'activity_id', 'practical_minutes': 'minutes', 'event_count': 'event_count', 'amount': 'allocated_amount',
        }) }}
    from split
    where allocated_amount <> 0

    union all

    select
        {{ cost_flow('activity_to_customer', {
            'rule_id': "case place when 'business_sustaining' then 'business_sustaining' when 'unassigned' then 'no_driver' else rule_id end",
            'sender': 'activity_id', 'receiver': 'place',
            'receiver_kind': "case when place = 'unassigned' then 'unassigned' else 'sustaining' end", 'activity_id': 'activity_id',
            'practical_minutes': 'cast(0 as decimal(18, 4))', 'amount': 'amount',
        }) }}
    from placed
    where place <> 'customers'
),

final as (
    select
        period,
        rule_id,
        stage,
        sender_kind,
        sender,
        receiver,
        receiver_kind,
        customer_id,
        activity_id,
        practical_minutes,
        cast(event_count as bigint) as event_count,
        cast(amount as decimal(18, 4)) as amount
    from flows
)

select * from final

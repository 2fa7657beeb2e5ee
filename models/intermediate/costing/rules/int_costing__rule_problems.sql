{{ config(post_hook={'sql': '{{ refuse_broken_rules() }}', 'transaction': false}) }}

with

rules as (
    {{ costing_rules() }}
),

pools as (
    select
        *,
        {{ seed_line() }} as file_line
    from {{ ref('cost_pools') }}
),

activities as (
    select
        *,
        {{ seed_line() }} as file_line
    from {{ ref('cost_activities') }}
),

accounts as (
    select
        ledger_account_id,
        waterfall_line
    from {{ ref('dim_ledger_account') }}
),

faults as (
    {{ rule_faults('rules') }}
),

loops as (
    {{ pool_loops('rules', 'pools') }}
),

-- Rules none of whose accounts is in the chart are another company's: nothing is refused, and nothing is assigned.
chart as (
    select count(*) as known_count
    from rules
    inner join accounts
        on rules.ledger_account_id = accounts.ledger_account_id
),

drivers as (
    {%- for driver in cost_drivers() %}
    select '{{ driver }}' as driver
    {{- ' union all' if not loop.last }}
    {%- endfor %}
),

conditions as (
    {%- for condition in ['base', 'measured_minute'] + (time_conditions() | list) %}
    select '{{ condition }}' as condition
    {{- ' union all' if not loop.last }}
    {%- endfor %}
),

unknown_references as (
    select
        rules.rule_file,
        rules.file_line,
        rules.rule_id,
        case
            when rules.ledger_account_id is not null and accounts.ledger_account_id is null
                then 'account ' || rules.ledger_account_id || ' is not in the chart of accounts'
            when accounts.waterfall_line <> 'indirect_cost'
                then 'account ' || rules.ledger_account_id || ' stands on the line ' || accounts.waterfall_line || ', not on indirect_cost'
        end as problem
    from rules
    cross join chart
    left join accounts
        on rules.ledger_account_id = accounts.ledger_account_id
    where rules.rule_file = 'account_rules' and chart.known_count > 0

    union all

    select
        rules.rule_file,
        rules.file_line,
        rules.rule_id,
        'pool ' || coalesce(case when rules.sender_kind = 'account' then rules.receiver else rules.sender end, '(empty)')
        || ' is not in cost_pools' as problem
    from rules
    left join pools
        on case when rules.sender_kind = 'account' then rules.receiver else rules.sender end = pools.pool_id
    where
        (rules.sender_kind in ('account', 'pool') or (rules.sender_kind = 'stage' and rules.sender <> 'every pool'))
        and pools.pool_id is null

    union all

    select
        rules.rule_file,
        rules.file_line,
        rules.rule_id,
        rules.receiver_kind || ' ' || coalesce(rules.receiver, '(empty)') || ' is not in '
        || case rules.receiver_kind when 'pool' then 'cost_pools' else 'cost_activities' end as problem
    from rules
    left join pools
        on rules.receiver_kind = 'pool'
        and rules.receiver = pools.pool_id
    left join activities
        on rules.receiver_kind = 'activity'
        and rules.receiver = activities.activity_id
    where
        rules.rule_file = 'pool_rules' and rules.receiver_kind in ('pool', 'activity')
        and pools.pool_id is null and activities.activity_id is null

    union all

    select
        rules.rule_file,
        rules.file_line,
        rules.rule_id,
        case
            when activities.activity_id is null then 'activity ' || coalesce(rules.sender, '(empty)') || ' is not in cost_activities'
            when rules.receiver_kind = 'driver' and drivers.driver is null then 'no fact provides the driver ' || coalesce(rules.measure, '(empty)')
            when
                rules.receiver_kind = 'condition' and conditions.condition is null
                then 'no fact provides the condition ' || coalesce(rules.measure, '(empty)')
        end as problem
    from rules
    left join activities
        on rules.sender = activities.activity_id
    left join drivers
        on rules.measure = drivers.driver
    left join conditions
        on rules.measure = conditions.condition
    where rules.sender_kind = 'activity'
),

driven as (
    select distinct sender
    from rules
    where rule_file = 'activity_drivers'
),

timed as (
    select distinct sender
    from rules
    where rule_file = 'time_equations'
),

sent_by_minutes as (
    select distinct sender
    from rules
    where rule_file = 'pool_rules' and measure = 'minutes'
),

standard_methods as (
    select * from rules
    where rule_file = 'cost_methods' and measure = 'standard'
),

rates as (
    select pool_id
    from {{ ref('pool_capacities') }}
    where standard_rate > 0
),

counted_pools as (
    select
        *,
        count(*) over (partition by pool_id) as copies
    from pools
),

counted_activities as (
    select
        *,
        count(*) over (partition by activity_id) as copies
    from activities
),

undriven as (
    select
        rules.rule_file,
        rules.file_line,
        rules.rule_id,
        'activity ' || rules.receiver || ' has no '
        || case when driven.sender is null then 'driver in activity_drivers' else 'minutes in time_equations' end as problem
    from rules
    inner join activities
        on rules.receiver = activities.activity_id
    left join driven
        on activities.activity_id = driven.sender
    left join timed
        on activities.activity_id = timed.sender
    where
        rules.rule_file = 'pool_rules' and rules.receiver_kind = 'activity'
        and (driven.sender is null or timed.sender is null)
        and (activities.waterfall_line <> 'business_sustaining' or rules.measure = 'minutes')
),

unrated as (
    select
        standard_methods.rule_file,
        standard_methods.file_line,
        standard_methods.rule_id,
        'pool ' || sent_by_minutes.sender || ' is charged at standard rate, but has no standard_rate in pool_capacities' as problem
    from standard_methods
    inner join sent_by_minutes
        on standard_methods.sender in ('every pool', sent_by_minutes.sender)
    left join rates
        on sent_by_minutes.sender = rates.pool_id
    where rates.pool_id is null
),

masters as (
    select
        'cost_pools' as rule_file,
        file_line,
        pool_id as rule_id,
        'pool ' || coalesce(pool_id, '(empty)') || ' is there twice, or without a pool_id' as problem
    from counted_pools
    where copies > 1 or pool_id is null

    union all

    select
        'cost_activities' as rule_file,
        file_line,
        activity_id as rule_id,
        case
            when copies > 1 or activity_id is null then 'activity ' || coalesce(activity_id, '(empty)') || ' is there twice, or without an activity_id'
            when
                coalesce(cost_level, '') not in ('order', 'customer', 'segment', 'channel', 'business')
                then 'cost_level is ' || coalesce(cost_level, 'missing') || '; it is order, customer, segment, channel or business'
            when
                coalesce(waterfall_line, '') not in ('cost_to_serve', 'sustaining_cost', 'acquisition', 'business_sustaining')
                then {{ dbt.concat([
                    "'waterfall_line is '", "coalesce(waterfall_line, 'missing')",
                    "'; it is cost_to_serve, sustaining_cost, acquisition or business_sustaining'",
                ]) }}
            when
                (cost_level = 'business') <> (waterfall_line = 'business_sustaining')
                then 'cost_level business and waterfall_line business_sustaining go together'
        end as problem
    from counted_activities
),

problems as (
    select * from faults
    union all
    select * from unknown_references
    union all
    select * from undriven
    union all
    select * from unrated
    union all
    select * from masters
    union all
    select * from loops
),

final as (
    select distinct
        rule_file,
        file_line,
        rule_id,
        problem
    from problems
    where problem is not null
)

select * from final

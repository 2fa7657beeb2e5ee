{{ config(post_hook={'sql': '{{ refuse_broken_rules() }}', 'transaction': false}) }}

with

rules as (
    select * from {{ ref('int_costing__rules') }}
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

loops as (
    select * from {{ ref('int_costing__pool_loops') }}
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

incomplete as (
    select
        rule_file,
        file_line,
        rule_id,
        case
            when rule_id is null then 'the rule of ' || coalesce(sender, 'nobody') || ' has no rule_id'
            when valid_from is null then 'valid_from is missing'
            when valid_to < valid_from then 'it ends on ' || cast(valid_to as {{ dbt.type_string() }}) || ', before it begins'
            when
                rule_file in ('account_rules', 'pool_rules') and measure = 'share' and (quantity is null or quantity <= 0 or quantity > 1)
                then 'the share of ' || sender || ' to ' || coalesce(receiver, 'nobody') || ' is '
                || coalesce(cast(quantity as {{ dbt.type_string() }}), 'missing') || '; it lies above 0 and up to 1'
            when rule_file = 'pool_rules' and measure = 'minutes' and receiver_kind <> 'activity' then 'only an activity can receive by minutes'
            when rule_file = 'pool_rules' and measure = 'minutes' and quantity is not null then 'a rule by minutes has no share'
            when rule_file = 'pool_capacities' and (quantity is null or quantity <= 0) then 'capacity and rate of ' || sender || ' must be above 0'
            when rule_file = 'time_equations' and quantity is null then 'minutes are missing'
            when
                rule_file = 'pool_rules' and coalesce(measure, '') not in ('share', 'minutes')
                then 'measure is ' || coalesce(measure, 'missing') || '; it is share or minutes'
            when
                rule_file = 'pool_rules' and coalesce(receiver_kind, '') not in ('pool', 'activity')
                then 'receiver_kind is ' || coalesce(receiver_kind, 'missing') || '; it is pool or activity'
            when
                rule_file = 'cost_methods' and receiver = 'pool_to_pool' and coalesce(measure, '') not in ('direct', 'step_down', 'reciprocal')
                then 'method is ' || coalesce(measure, 'missing') || '; between pools it is direct, step_down or reciprocal'
            when
                rule_file = 'cost_methods' and receiver = 'pool_to_activity' and coalesce(measure, '') not in ('actual', 'standard')
                then 'method is ' || coalesce(measure, 'missing') || '; from pools to activities it is actual or standard'
            when
                rule_file = 'cost_methods' and coalesce(receiver, '') not in ('pool_to_pool', 'pool_to_activity')
                then 'stage is ' || coalesce(receiver, 'missing') || '; it is pool_to_pool or pool_to_activity'
            when
                rule_file = 'cost_methods' and receiver = 'pool_to_pool' and sender <> 'every pool'
                then 'the method between pools is one for all of them: leave pool_id empty'
        end as problem
    from rules
),

-- The latest day up to which an earlier row of the same sender and receiver, or of the same rule, is valid.
spans as (
    select
        rule_file,
        file_line,
        rule_id,
        sender,
        receiver,
        valid_from,
        max(coalesce(valid_to, cast('9999-12-31' as date))) over (
            partition by rule_file, sender, receiver_kind, receiver
            order by valid_from, rule_id, file_line
            rows between unbounded preceding and 1 preceding
        ) as pair_taken_to,
        max(coalesce(valid_to, cast('9999-12-31' as date))) over (
            partition by rule_id
            order by valid_from, rule_file, file_line
            rows between unbounded preceding and 1 preceding
        ) as rule_taken_to,
        lag(rule_id) over (
            partition by rule_file, sender, receiver_kind, receiver
            order by valid_from, rule_id, file_line
        ) as former_rule_id
    from rules
    where valid_from is not null and rule_id is not null
),

overlapping as (
    select
        rule_file,
        file_line,
        rule_id,
        case
            when pair_taken_to >= valid_from
                then 'from ' || cast(valid_from as {{ dbt.type_string() }}) || ' on it overlaps with rule ' || former_rule_id
                || ', which says the same of ' || sender || ' and ' || receiver || ': end the earlier one first'
            else 'its rule_id is taken by another row that is valid on ' || cast(valid_from as {{ dbt.type_string() }})
        end as problem
    from spans
    where pair_taken_to >= valid_from or rule_taken_to >= valid_from
),

shared as (
    select * from rules
    where rule_file in ('account_rules', 'pool_rules') and valid_from is not null
),

share_days as (
    select
        rule_file,
        sender,
        valid_from as checked_on
    from shared

    union distinct

    select
        rule_file,
        sender,
        cast({{ dbt.dateadd('day', 1, 'valid_to') }} as date) as checked_on
    from shared
    where valid_to is not null
),

shares as (
    select
        shared.rule_file,
        shared.file_line,
        shared.rule_id,
        shared.sender,
        share_days.checked_on,
        sum(cast(coalesce(shared.quantity, 0) as decimal(18, 10))) over (
            partition by shared.rule_file, shared.sender, share_days.checked_on
        ) as total_share,
        max(case when shared.measure = 'minutes' then 1 else 0 end) over (
            partition by shared.rule_file, shared.sender, share_days.checked_on
        ) as has_minutes
    from shared
    inner join share_days
        on shared.rule_file = share_days.rule_file
        and shared.sender = share_days.sender
        and {{ is_valid_in('shared', 'share_days.checked_on') }}
),

unbalanced as (
    select
        rule_file,
        file_line,
        rule_id,
        'the shares of ' || sender || ' on ' || cast(min(checked_on) as {{ dbt.type_string() }}) || ' sum to '
        || cast(cast(min(total_share) as double) as {{ dbt.type_string() }})
        || case when max(has_minutes) = 1 then ', which leaves nothing for its rules by minutes' else ', not to 1' end as problem
    from shares
    where (has_minutes = 0 and total_share <> 1) or (has_minutes = 1 and total_share >= 1)
    group by
        rule_file,
        file_line,
        rule_id,
        sender
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
    left join (select distinct sender from rules where rule_file = 'activity_drivers') as driven
        on activities.activity_id = driven.sender
    left join (select distinct sender from rules where rule_file = 'time_equations') as timed
        on activities.activity_id = timed.sender
    where
        rules.rule_file = 'pool_rules' and rules.receiver_kind = 'activity'
        and (driven.sender is null or timed.sender is null)
        and (activities.waterfall_line <> 'business_sustaining' or rules.measure = 'minutes')
),

unrated as (
    select
        methods.rule_file,
        methods.file_line,
        methods.rule_id,
        'pool ' || sent.sender || ' is charged at standard rate, but has no standard_rate in pool_capacities' as problem
    from rules as methods
    inner join (select distinct sender from rules where rule_file = 'pool_rules' and measure = 'minutes') as sent
        on methods.sender in ('every pool', sent.sender)
    left join {{ ref('pool_capacities') }} as rates
        on sent.sender = rates.pool_id
        and rates.standard_rate > 0
    where methods.rule_file = 'cost_methods' and methods.measure = 'standard' and rates.pool_id is null
),

masters as (
    select
        'cost_pools' as rule_file,
        file_line,
        pool_id as rule_id,
        'pool ' || coalesce(pool_id, '(empty)') || ' is there twice, or without a pool_id' as problem
    from (select *, count(*) over (partition by pool_id) as copies from pools) as counted
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
                then 'waterfall_line is ' || coalesce(waterfall_line, 'missing')
                || '; it is cost_to_serve, sustaining_cost, acquisition or business_sustaining'
            when
                (cost_level = 'business') <> (waterfall_line = 'business_sustaining')
                then 'cost_level business and waterfall_line business_sustaining go together'
        end as problem
    from (select *, count(*) over (partition by activity_id) as copies from activities) as counted
),

problems as (
    select * from incomplete
    union all
    select * from overlapping
    union all
    select * from unbalanced
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

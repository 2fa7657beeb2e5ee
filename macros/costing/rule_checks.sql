{#- Select of all rules of the cost seeds in one shape, with the line of their file, so that they can be checked together. One row a row of a rule
    file: rule_file, file_line, rule_id, sender_kind (account, pool, activity or stage), sender, ledger_account_id, receiver_kind (pool, activity, capacity,
    driver, condition or stage), receiver, measure (share, minutes, a method, a driver or a condition), quantity, valid_from, valid_to. -#}
{% macro costing_rules() %}
    with

    account_rules as (
        select
            *,
            {{ seed_line() }} as file_line
        from {{ ref('account_rules') }}
    ),

    pool_rules as (
        select
            *,
            {{ seed_line() }} as file_line
        from {{ ref('pool_rules') }}
    ),

    capacities as (
        select
            *,
            {{ seed_line() }} as file_line
        from {{ ref('pool_capacities') }}
    ),

    methods as (
        select
            *,
            {{ seed_line() }} as file_line
        from {{ ref('cost_methods') }}
    ),

    drivers as (
        select
            *,
            {{ seed_line() }} as file_line
        from {{ ref('activity_drivers') }}
    ),

    equations as (
        select
            *,
            {{ seed_line() }} as file_line
        from {{ ref('time_equations') }}
    ),

    final as (
        select
            'account_rules' as rule_file,
            file_line,
            rule_id,
            'account' as sender_kind,
            coalesce(ledger_account_id, 'any account')
            || coalesce(', cost centre ' || cost_centre, '')
            || coalesce(', department ' || department, '')
            || coalesce(', territory ' || territory_id, '') as sender,
            ledger_account_id,
            'pool' as receiver_kind,
            pool_id as receiver,
            'share' as measure,
            cast(share as double) as quantity,
            valid_from,
            valid_to
        from account_rules

        union all

        select
            'pool_rules' as rule_file,
            file_line,
            rule_id,
            'pool' as sender_kind,
            pool_id as sender,
            cast(null as {{ dbt.type_string() }}) as ledger_account_id,
            receiver_kind,
            receiver_id as receiver,
            measure,
            cast(share as double) as quantity,
            valid_from,
            valid_to
        from pool_rules

        union all

        select
            'pool_capacities' as rule_file,
            file_line,
            rule_id,
            'pool' as sender_kind,
            pool_id as sender,
            cast(null as {{ dbt.type_string() }}) as ledger_account_id,
            'capacity' as receiver_kind,
            'capacity' as receiver,
            case when practical_minutes is not null then 'minutes' when cost_per_minute is not null then 'cost_per_minute' else 'rate' end as measure,
            cast(coalesce(practical_minutes, cost_per_minute, standard_rate) as double) as quantity,
            valid_from,
            valid_to
        from capacities

        union all

        select
            'cost_methods' as rule_file,
            file_line,
            rule_id,
            'stage' as sender_kind,
            coalesce(pool_id, 'every pool') as sender,
            cast(null as {{ dbt.type_string() }}) as ledger_account_id,
            'stage' as receiver_kind,
            stage as receiver,
            method as measure,
            cast(null as double) as quantity,
            valid_from,
            valid_to
        from methods

        union all

        select
            'activity_drivers' as rule_file,
            file_line,
            rule_id,
            'activity' as sender_kind,
            activity_id as sender,
            cast(null as {{ dbt.type_string() }}) as ledger_account_id,
            'driver' as receiver_kind,
            'driver' as receiver,
            driver as measure,
            cast(null as double) as quantity,
            valid_from,
            valid_to
        from drivers

        union all

        select
            'time_equations' as rule_file,
            file_line,
            rule_id,
            'activity' as sender_kind,
            activity_id as sender,
            cast(null as {{ dbt.type_string() }}) as ledger_account_id,
            'condition' as receiver_kind,
            condition as receiver,
            condition as measure,
            cast(minutes as double) as quantity,
            valid_from,
            valid_to
        from equations
    )

    select * from final
{%- endmacro %}


{#- Select of what the file of a rule alone shows to be wrong: something missing, versions that overlap, shares that do not sum to one.

    rules: CTE or relation in the shape of costing_rules. One row a problem: rule_file, file_line, rule_id, problem. -#}
{% macro rule_faults(rules) %}
    with

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
                    then {{ dbt.concat([
                        "'the share of '", 'sender', "' to '", "coalesce(receiver, 'nobody')", "' is '",
                        "coalesce(cast(quantity as " ~ dbt.type_string() ~ "), 'missing')", "'; it lies above 0 and up to 1'",
                    ]) }}
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
        from {{ rules }} as rules
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
        from {{ rules }} as rules
        where valid_from is not null and rule_id is not null
    ),

    overlapping as (
        select
            rule_file,
            file_line,
            rule_id,
            case
                when pair_taken_to >= valid_from
                    then {{ dbt.concat([
                        "'from '", 'cast(valid_from as ' ~ dbt.type_string() ~ ')', "' on it overlaps with rule '", 'former_rule_id',
                        "', which says the same of '", 'sender', "' and '", 'receiver', "': end the earlier one first'",
                    ]) }}
                else 'its rule_id is taken by another row that is valid on ' || cast(valid_from as {{ dbt.type_string() }})
            end as problem
        from spans
        where pair_taken_to >= valid_from or rule_taken_to >= valid_from
    ),

    shared as (
        select * from {{ rules }} as rules
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

    problems as (
        select * from incomplete
        union all
        select * from overlapping
        union all
        select * from unbalanced
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
{%- endmacro %}


{#- Select of the rules between pools that the method of the stage cannot take: a loop that cost never leaves, pools of equal place in the
    step-down method, a pool that a method leaves without receivers.

    rules: CTE or relation in the shape of costing_rules.
    pools: CTE or relation, one row a pool_id, with step_order. One row a problem: rule_file, file_line, rule_id, problem. -#}
{% macro pool_loops(rules, pools) %}
    with

    between_pools as (
        select *
        from {{ rules }}
        where rule_file in ('pool_rules', 'cost_methods')
    ),

    -- Whatever holds on these days holds in every month.
    days as (
        select distinct valid_from as checked_on
        from between_pools
        where valid_from is not null

        union distinct

        select distinct cast({{ dbt.dateadd('day', 1, 'valid_to') }} as date) as checked_on
        from between_pools
        where valid_to is not null
    ),

    methods as (
        select
            days.checked_on,
            coalesce(min(rules.measure), 'reciprocal') as method
        from days
        left join between_pools as rules
            on rules.rule_file = 'cost_methods'
            and rules.receiver = 'pool_to_pool'
            and {{ is_valid_in('rules', 'days.checked_on') }}
        group by days.checked_on
    ),

    edges as (
        select
            methods.checked_on,
            methods.method,
            rules.file_line,
            rules.rule_id,
            rules.sender,
            rules.receiver_kind,
            rules.receiver,
            senders.step_order as sender_order,
            receivers.step_order as receiver_order,
            max(case when rules.receiver_kind = 'pool' then 1 else 0 end) over (
                partition by methods.checked_on, rules.sender
            ) as is_support
        from methods
        inner join between_pools as rules
            on rules.rule_file = 'pool_rules'
            and {{ is_valid_in('rules', 'methods.checked_on') }}
        left join {{ pools }} as senders
            on rules.sender = senders.pool_id
        left join {{ pools }} as receivers
            on rules.receiver = receivers.pool_id
    ),

    support_pools as (
        select distinct
            checked_on,
            sender as pool_id
        from edges
        where is_support = 1
    ),

    kept as (
        select
            edges.*,
            support_pools.pool_id is not null and edges.receiver_kind = 'pool' as is_between_support_pools,
            edges.receiver_kind = 'activity'
            or support_pools.pool_id is null
            or edges.method = 'reciprocal'
            or (
                edges.method = 'step_down'
                and coalesce(edges.receiver_order, 1000000) > coalesce(edges.sender_order, 1000000)
            ) as is_kept
        from edges
        left join support_pools
            on edges.checked_on = support_pools.checked_on
            and edges.receiver = support_pools.pool_id
    ),

    -- From a receiver that sends nothing on to pools, cost leaves at once; from the others it leaves where any of their receivers does.
    passed as (
        select distinct
            checked_on as period,
            sender as pool_id,
            case when is_between_support_pools then receiver else 'exit' end as receiver_pool_id
        from kept
        where is_kept
    ),

    edges_to_exit as (
        select
            period,
            pool_id,
            receiver_pool_id,
            1e0 / count(*) over (partition by period, pool_id) as share
        from passed
    ),

    nodes as (
        select distinct
            checked_on as period,
            sender as pool_id
        from kept

        union distinct

        select distinct
            checked_on as period,
            'exit' as pool_id
        from kept
    ),

    -- Sent on in equal parts, some of a pool's cost comes out wherever there is a way out. The rounds double, so that no chain is too long.
    ways as (
        {{ reciprocal_inverse('nodes', 'edges_to_exit') }}
    ),

    leaving as (
        select
            period as checked_on,
            pool_id
        from ways
        where receiver_pool_id = 'exit' and weight > 0
    ),

    trapped as (
        select
            kept.checked_on,
            kept.file_line,
            kept.rule_id,
            case
                when kept.method = 'reciprocal'
                    then {{ dbt.concat([
                        "'cost goes round in a loop of pools that nothing leaves, from '", 'kept.sender', "' to '", 'kept.receiver',
                        "'; the reciprocal method needs a share to an activity, or to a pool outside the loop'",
                    ]) }}
                else {{ dbt.concat([
                    "'the method '", 'kept.method', "' sets aside everything that '", 'kept.sender',
                    "' sends, as its receivers serve pools themselves; give it another receiver or the method reciprocal'",
                ]) }}
            end as problem
        from kept
        left join leaving
            on kept.checked_on = leaving.checked_on
            and kept.sender = leaving.pool_id
        where kept.is_support = 1 and leaving.pool_id is null
    ),

    undecided as (
        select
            checked_on,
            file_line,
            rule_id,
            'the method step_down cannot tell which of the pools ' || sender || ' and ' || receiver
            || ' goes first: give them different step_order in cost_pools' as problem
        from kept
        where
            method = 'step_down' and is_between_support_pools and sender <> receiver
            and coalesce(sender_order, 1000000) = coalesce(receiver_order, 1000000)
    ),

    problems as (
        select * from trapped

        union all

        select * from undecided
    ),

    final as (
        select
            'pool_rules' as rule_file,
            file_line,
            rule_id,
            problem || ' (on ' || cast(min(checked_on) as {{ dbt.type_string() }}) || ')' as problem
        from problems
        group by
            file_line,
            rule_id,
            problem
    )

    select * from final
{%- endmacro %}

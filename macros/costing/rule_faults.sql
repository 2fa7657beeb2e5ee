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
            sum(cast(coalesce(shared.quantity, 0) as decimal(18, 12))) over (
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

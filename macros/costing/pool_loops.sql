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

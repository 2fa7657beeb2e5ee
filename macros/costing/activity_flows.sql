{#- Select of what pools send to activities, in the shape of int_costing__activity_flows.

    Reads the CTEs measured (as int_costing__pool_rates), rules (pool_rules) and used (minutes by activity).
    by: columns that tell the runs apart: the month, and for plans the scenario before it. -#}
{% macro activity_flows(by=['period']) %}
    with

    sent as (
        select
            {{ run_columns(by, 'measured') }},
            measured.pool_id,
            rules.rule_id,
            rules.receiver_id,
            rules.measure,
            coalesce(cast(rules.share as double), 0) as share,
            case when rules.measure = 'minutes' then coalesce(cast(used.minutes as double), 0) else 0 end as minutes
        from measured
        inner join rules
            on measured.pool_id = rules.pool_id
            and rules.receiver_kind = 'activity'
            and {{ is_valid_in('rules', 'measured.period') }}
        left join used
            on {{ same_run('measured', 'used', by) }}
            and rules.receiver_id = used.activity_id
    ),

    receivers as (
        select
            {{ run_columns(by, 'sent') }},
            sent.pool_id,
            sent.rule_id,
            'activity' as receiver_kind,
            sent.receiver_id as receiver,
            sent.receiver_id as activity_id,
            sent.minutes,
            case
                when sent.measure = 'share' then sent.share * coalesce(measured.capacity_minutes / nullif(measured.scale_minutes, 0), 1)
                else measured.minutes_share * sent.minutes / nullif(measured.scale_minutes, 0)
            end as weight,
            case
                when sent.measure = 'share'
                    then cast(measured.amount as double) * sent.share / nullif(measured.activity_share + measured.minutes_share, 0)
                else sent.minutes * measured.standard_rate
            end as standard_amount
        from sent
        inner join measured
            on {{ same_run('sent', 'measured', by) }}
            and sent.pool_id = measured.pool_id

        union all

        select
            {{ run_columns(by) }},
            pool_id,
            capacity_rule_id as rule_id,
            'idle' as receiver_kind,
            case when used_minutes > capacity_minutes then 'over_driven' else 'idle' end as receiver,
            cast(null as {{ dbt.type_string() }}) as activity_id,
            capacity_minutes - used_minutes as minutes,
            minutes_share * (capacity_minutes - used_minutes) / nullif(scale_minutes, 0) as weight,
            (capacity_minutes - used_minutes) * standard_rate as standard_amount
        from measured
        where minutes_share > 0 and used_minutes > 0 and capacity_minutes is not null

        union all

        -- Nothing drives it, or no rule sends it on.
        select
            {{ run_columns(by) }},
            pool_id,
            case when minutes_share > 0 then 'no_driver' else 'no_rule' end as rule_id,
            'unassigned' as receiver_kind,
            'unassigned' as receiver,
            cast(null as {{ dbt.type_string() }}) as activity_id,
            cast(0 as double) as minutes,
            (case when minutes_share > 0 then minutes_share else 1 end)
            * coalesce(capacity_minutes / nullif(scale_minutes, 0), 1) as weight,
            cast(null as double) as standard_amount
        from measured
        where used_minutes = 0 and (minutes_share > 0 or activity_share = 0)
    ),

    weighed as (
        select
            {{ run_columns(by, 'receivers') }},
            receivers.pool_id,
            receivers.rule_id,
            receivers.receiver_kind,
            receivers.receiver,
            receivers.activity_id,
            receivers.minutes,
            measured.amount as pool_amount,
            measured.method,
            receivers.standard_amount,
            cast(round(receivers.weight * 10000000000000, 0) as decimal(18, 4)) as weight
        from receivers
        inner join measured
            on {{ same_run('receivers', 'measured', by) }}
            and receivers.pool_id = measured.pool_id
    ),

    at_actual_cost as (
        select * from weighed
        where method <> 'standard'
    ),

    split as (
        {{ allocate('at_actual_cost', 'pool_amount', 'weight', group_by=by + ['pool_id'], ties=['receiver_kind', 'receiver']) }}
    ),

    at_standard_rate as (
        select
            *,
            cast(round(standard_amount, 2) as decimal(18, 4)) as amount
        from weighed
        -- A pool whose drivers are silent has nothing to charge: its cost is no variance of a rate, but unassigned.
        where method = 'standard'
    ),

    charged as (
        select
            {{ run_columns(by) }},
            pool_id,
            sum(amount) as amount
        from at_standard_rate
        group by
            {{ run_columns(by) }},
            pool_id
    ),

    flows as (
        select
            {{ run_columns(by) }},
            pool_id,
            rule_id,
            receiver_kind,
            receiver,
            activity_id,
            minutes,
            coalesce(allocated_amount, 0) as amount
        from split

        union all

        select
            {{ run_columns(by) }},
            pool_id,
            rule_id,
            receiver_kind,
            receiver,
            activity_id,
            minutes,
            amount
        from at_standard_rate
        where amount is not null

        union all

        select
            {{ run_columns(by, 'measured') }},
            measured.pool_id,
            case when measured.used_minutes = 0 then 'no_driver' else measured.method_rule_id end as rule_id,
            'unassigned' as receiver_kind,
            case when measured.used_minutes = 0 then 'unassigned' else 'rate_variance' end as receiver,
            cast(null as {{ dbt.type_string() }}) as activity_id,
            cast(0 as double) as minutes,
            measured.amount - coalesce(charged.amount, 0) as amount
        from measured
        left join charged
            on {{ same_run('measured', 'charged', by) }}
            and measured.pool_id = charged.pool_id
        where measured.method = 'standard'
    ),

    final as (
        select
            {{ run_columns(by) }},
            pool_id,
            rule_id,
            receiver_kind,
            receiver,
            activity_id,
            cast(sum(minutes) as double) as minutes,
            cast(sum(amount) as decimal(18, 4)) as amount
        from flows
        group by
            {{ run_columns(by) }},
            pool_id,
            rule_id,
            receiver_kind,
            receiver,
            activity_id
        having sum(amount) <> 0
    )

    select * from final
{%- endmacro %}

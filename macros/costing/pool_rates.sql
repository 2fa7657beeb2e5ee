{#- Select of what each pool has, its capacity and its use, in the shape of int_costing__pool_rates.

    Reads the CTEs account_flows and pool_flows, periods (the runs of the ledger), rules, capacities, own_methods and general_methods (the seeds),
    and used (minutes by activity).
    supplies: CTE with the supply_minutes of a pool where a plan says them instead of the rules.
    by: columns that tell the runs apart: the month, and for plans the scenario before it. -#}
{% macro pool_rates(supplies=none, by=['period']) %}
    with

    own as (
        select
            {{ run_columns(by) }},
            receiver as pool_id,
            sum(amount) as own_amount,
            cast(0 as decimal(18, 4)) as received_amount,
            cast(0 as decimal(18, 4)) as sent_to_pools_amount
        from account_flows
        where receiver_kind = 'pool'
        group by
            {{ run_columns(by) }},
            receiver
    ),

    movements as (
        select
            {{ run_columns(by) }},
            pool_id,
            own_amount,
            received_amount,
            sent_to_pools_amount
        from own

        union all

        -- Cents of rounding that come to a pool are cents less that it sends: what it received is what the rules say.
        select
            {{ run_columns(by) }},
            receiver_pool_id as pool_id,
            cast(0 as decimal(18, 4)) as own_amount,
            case when is_rounding then 0 else amount end as received_amount,
            case when is_rounding then -amount else 0 end as sent_to_pools_amount
        from pool_flows

        union all

        select
            {{ run_columns(by) }},
            pool_id,
            cast(0 as decimal(18, 4)) as own_amount,
            cast(0 as decimal(18, 4)) as received_amount,
            amount as sent_to_pools_amount
        from pool_flows
    ),

    costed as (
        select distinct pool_id
        from movements
    ),

    -- A pool at standard rate charges its drivers also in a month without cost. A few dozen pools by as many months.
    pool_months as (
        select
            {{ run_columns(by, 'periods') }},
            costed.pool_id
        from periods
        cross join costed
    ),

    pools as (
        select
            {{ run_columns(by, 'pool_months') }},
            pool_months.pool_id,
            -- Pools of direct costs are passed on by the transactions themselves.
            pool_months.pool_id like 'direct:%' as is_direct,
            cast(coalesce(sum(movements.own_amount), 0) as decimal(18, 4)) as own_amount,
            cast(coalesce(sum(movements.received_amount), 0) as decimal(18, 4)) as received_amount,
            cast(coalesce(sum(movements.own_amount + movements.received_amount), 0) as decimal(18, 4)) as gross_amount,
            cast(coalesce(sum(movements.sent_to_pools_amount), 0) as decimal(18, 4)) as sent_to_pools_amount
        from pool_months
        left join movements
            on {{ same_run('pool_months', 'movements', by) }}
            and pool_months.pool_id = movements.pool_id
        group by
            {{ run_columns(by, 'pool_months') }},
            pool_months.pool_id
    ),

    -- Months by the few versions of a rule.
    all_methods as (
        select
            {{ run_columns(by, 'periods') }},
            general_methods.rule_id,
            general_methods.method
        from periods
        inner join general_methods
            on {{ is_valid_in('general_methods', 'periods.period') }}
    ),

    based as (
        select
            {{ run_columns(by, 'pools') }},
            pools.pool_id,
            pools.gross_amount - pools.sent_to_pools_amount as amount,
            capacities.rule_id as capacity_rule_id,
            coalesce(own_methods.method, all_methods.method, 'actual') as method,
            coalesce(own_methods.rule_id, all_methods.rule_id, 'actual') as method_rule_id,
            cast(capacities.standard_rate as double) as standard_rate,
            -- A month in which nothing was spent on the pool bought no capacity that could be counted.
            nullif(cast(coalesce(
                {%- if supplies %}
                supplies.supply_minutes,
                {%- endif %}
                capacities.practical_minutes,
                case when pools.own_amount > 0 then cast(pools.own_amount as double) / nullif(cast(capacities.cost_per_minute as double), 0) end
            ) as double), 0) as capacity_minutes
        from pools
        left join capacities
            on pools.pool_id = capacities.pool_id
            and {{ is_valid_in('capacities', 'pools.period') }}
        left join own_methods
            on pools.pool_id = own_methods.pool_id
            and {{ is_valid_in('own_methods', 'pools.period') }}
        left join all_methods
            on {{ same_run('pools', 'all_methods', by) }}
        {%- if supplies %}
        left join {{ supplies }} as supplies
            on {{ same_run('pools', 'supplies', by) }}
            and pools.pool_id = supplies.pool_id
        {%- endif %}
        where not pools.is_direct
    ),

    sent as (
        select
            {{ run_columns(by, 'based') }},
            based.pool_id,
            rules.rule_id,
            rules.receiver_kind,
            rules.receiver_id,
            rules.measure,
            coalesce(cast(rules.share as double), 0) as share,
            case when rules.measure = 'minutes' then coalesce(used.minutes, 0) else 0 end as minutes
        from based
        inner join rules
            on based.pool_id = rules.pool_id
            and {{ is_valid_in('rules', 'based.period') }}
        left join used
            on {{ same_run('based', 'used', by) }}
            and case when rules.receiver_kind = 'activity' then rules.receiver_id end = used.activity_id
    ),

    totals as (
        select
            {{ run_columns(by) }},
            pool_id,
            -- Of decimals, so that the order of rows does not show in the last digit.
            cast(sum(minutes) as double) as used_minutes,
            sum(case when receiver_kind = 'activity' then share else 0 end) as activity_share,
            case when max(case when measure = 'minutes' then 1 else 0 end) = 1 then 1 - sum(share) else 0 end as minutes_share
        from sent
        group by
            {{ run_columns(by) }},
            pool_id
    ),

    final as (
        select
            {{ run_columns(by, 'pools') }},
            pools.pool_id,
            pools.is_direct,
            pools.own_amount,
            pools.received_amount,
            pools.gross_amount,
            pools.sent_to_pools_amount,
            based.method,
            based.method_rule_id,
            based.capacity_rule_id,
            based.amount,
            based.standard_rate,
            based.capacity_minutes,
            case when based.pool_id is not null then coalesce(totals.used_minutes, 0) end as used_minutes,
            case when based.pool_id is not null then coalesce(totals.activity_share, 0) end as activity_share,
            case when based.pool_id is not null then coalesce(totals.minutes_share, 0) end as minutes_share,
            -- Minutes are weighed against the larger of capacity and use, so that no weight outgrows its type.
            greatest(coalesce(based.capacity_minutes, totals.used_minutes), totals.used_minutes) as scale_minutes
        from pools
        left join based
            on {{ same_run('pools', 'based', by) }}
            and pools.pool_id = based.pool_id
        left join totals
            on {{ same_run('pools', 'totals', by) }}
            and pools.pool_id = totals.pool_id
    )

    select * from final
{%- endmacro %}

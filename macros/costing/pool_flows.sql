{#- Select of what pools hand on to pools in whole cents, in the shape of int_costing__pool_flows.

    Reads the CTEs own (what accounts put into each pool), inverse and edges (as int_costing__pool_inverse and int_costing__pool_edges).
    by: columns that tell the runs apart: the month, and for plans the scenario before it. -#}
{% macro pool_flows(by=['period']) %}
    with

    gross as (
        select
            {{ run_columns(by, 'inverse') }},
            inverse.receiver_pool_id as pool_id,
            sum(cast(own.amount as double) * inverse.weight) as amount
        from own
        inner join inverse
            on {{ same_run('own', 'inverse', by) }}
            and own.pool_id = inverse.pool_id
        group by
            {{ run_columns(by, 'inverse') }},
            inverse.receiver_pool_id
    ),

    handed_on as (
        select
            {{ run_columns(by) }},
            pool_id,
            sum(share) as share
        from edges
        group by
            {{ run_columns(by) }},
            pool_id
    ),

    -- What leaves the pools for activities is all that accounts put into them. In whole cents it is so by largest remainder.
    leaving as (
        select
            {{ run_columns(by, 'gross') }},
            gross.pool_id,
            cast(round(gross.amount * (1 - coalesce(handed_on.share, 0)) * 100, 4) as decimal(22, 4)) as cents
        from gross
        left join handed_on
            on {{ same_run('gross', 'handed_on', by) }}
            and gross.pool_id = handed_on.pool_id
    ),

    posted as (
        select
            {{ run_columns(by) }},
            sum(amount) * 100 as cents
        from own
        group by {{ run_columns(by) }}
    ),

    floored as (
        select
            {{ run_columns(by, 'leaving') }},
            leaving.pool_id,
            cast(floor(leaving.cents) as decimal(22, 4)) as cents,
            row_number() over (
                partition by {{ run_columns(by, 'leaving') }}
                order by leaving.cents - cast(floor(leaving.cents) as decimal(22, 4)) desc, leaving.pool_id
            ) as fraction_rank,
            posted.cents - sum(cast(floor(leaving.cents) as decimal(22, 4))) over (partition by {{ run_columns(by, 'leaving') }}) as left_over_cents
        from leaving
        inner join posted
            on {{ same_run('leaving', 'posted', by) }}
    ),

    left_pools as (
        select
            {{ run_columns(by) }},
            pool_id,
            cast((cents + case when fraction_rank <= left_over_cents then 1 else 0 end) * cast(0.01 as decimal(3, 2)) as decimal(18, 4)) as amount
        from floored
    ),

    ruled as (
        select
            {{ run_columns(by, 'edges') }},
            edges.rule_id,
            edges.pool_id,
            edges.receiver_pool_id,
            cast(round(gross.amount * edges.share, 2) as decimal(18, 4)) as amount
        from edges
        inner join gross
            on {{ same_run('edges', 'gross', by) }}
            and edges.pool_id = gross.pool_id
    ),

    movements as (
        select
            {{ run_columns(by) }},
            pool_id,
            amount
        from own

        union all

        select
            {{ run_columns(by) }},
            receiver_pool_id as pool_id,
            amount
        from ruled

        union all

        select
            {{ run_columns(by) }},
            pool_id,
            -amount as amount
        from ruled

        union all

        select
            {{ run_columns(by) }},
            pool_id,
            -amount as amount
        from left_pools
    ),

    -- Each flow is rounded by itself, so a pool may have cents too many or too few; together they are none.
    balances as (
        select
            {{ run_columns(by) }},
            pool_id,
            sum(amount) as amount
        from movements
        group by
            {{ run_columns(by) }},
            pool_id
        having sum(amount) <> 0
    ),

    surpluses as (
        select
            {{ run_columns(by) }},
            pool_id,
            sum(amount) over (partition by {{ run_columns(by) }} order by pool_id) - amount as above_amount,
            sum(amount) over (partition by {{ run_columns(by) }} order by pool_id) as up_to_amount
        from balances
        where amount > 0
    ),

    shortages as (
        select
            {{ run_columns(by) }},
            pool_id,
            sum(-amount) over (partition by {{ run_columns(by) }} order by pool_id) + amount as above_amount,
            sum(-amount) over (partition by {{ run_columns(by) }} order by pool_id) as up_to_amount
        from balances
        where amount < 0
    ),

    -- The cents of both sides are laid end to end: where two pools overlap, the one hands its cents to the other.
    settled as (
        select
            {{ run_columns(by, 'surpluses') }},
            surpluses.pool_id,
            shortages.pool_id as receiver_pool_id,
            least(surpluses.up_to_amount, shortages.up_to_amount)
            - greatest(surpluses.above_amount, shortages.above_amount) as amount
        from surpluses
        inner join shortages
            on {{ same_run('surpluses', 'shortages', by) }}
            and surpluses.above_amount < shortages.up_to_amount
            and surpluses.up_to_amount > shortages.above_amount
    ),

    final as (
        select
            {{ run_columns(by) }},
            rule_id,
            pool_id,
            receiver_pool_id,
            amount
        from ruled
        where amount <> 0

        union all

        select
            {{ run_columns(by) }},
            'rounding' as rule_id,
            pool_id,
            receiver_pool_id,
            cast(amount as decimal(18, 4)) as amount
        from settled
    )

    select * from final
{%- endmacro %}

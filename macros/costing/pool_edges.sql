{#- Select of the rules from pool to pool that the method keeps, in the shape of int_costing__pool_edges.

    Reads the CTEs periods (the runs of the ledger), rules (pool_rules), methods (those between pools) and pools (pool_id, step_order).
    by: columns that tell the runs apart: the month, and for plans the scenario before it. -#}
{% macro pool_edges(by=['period']) %}
    with

    -- Months by the few versions of the method.
    method_months as (
        select
            {{ run_columns(by, 'periods') }},
            methods.method
        from periods
        inner join methods
            on {{ is_valid_in('methods', 'periods.period') }}
    ),

    ruled as (
        select
            {{ run_columns(by, 'periods') }},
            coalesce(method_months.method, 'reciprocal') as method,
            rules.rule_id,
            rules.pool_id,
            rules.receiver_id as receiver_pool_id,
            cast(rules.share as double) as share,
            senders.step_order as sender_order,
            receivers.step_order as receiver_order
        from periods
        inner join rules
            on {{ is_valid_in('rules', 'periods.period') }}
            and rules.receiver_kind = 'pool'
        inner join pools as senders
            on rules.pool_id = senders.pool_id
        inner join pools as receivers
            on rules.receiver_id = receivers.pool_id
        left join method_months
            on {{ same_run('periods', 'method_months', by) }}
    ),

    -- A pool that serves other pools is a support pool.
    support_pools as (
        select distinct
            {{ run_columns(by) }},
            pool_id
        from ruled
    ),

    kept as (
        select
            ruled.*,
            support_pools.pool_id is null
            or ruled.method = 'reciprocal'
            or (ruled.method = 'step_down' and ruled.receiver_order > ruled.sender_order) as is_kept
        from ruled
        left join support_pools
            on {{ same_run('ruled', 'support_pools', by) }}
            and ruled.receiver_pool_id = support_pools.pool_id
    ),

    -- What the method sets aside is borne by the sender's other receivers, in proportion.
    scaled as (
        select
            *,
            1 - sum(case when is_kept then 0 else share end) over (partition by {{ run_columns(by) }}, pool_id) as kept_share
        from kept
    ),

    final as (
        select
            {{ run_columns(by) }},
            rule_id,
            pool_id,
            receiver_pool_id,
            share / nullif(kept_share, 0) as share
        from scaled
        where is_kept
    )

    select * from final
{%- endmacro %}

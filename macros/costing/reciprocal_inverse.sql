{#- placeholder until the solver lands -#}
{% macro reciprocal_inverse(nodes, edges, squarings=12) -%}
    with recursive_none as (select 1 as one),
    w0 as (
        select period, pool_id, receiver_pool_id, sum(share) as share from {{ edges }} group by period, pool_id, receiver_pool_id
    ),
    s0 as (
        select period, pool_id, pool_id as receiver_pool_id, cast(1 as double) as weight from {{ nodes }}
    )
    {%- for n in range(squarings) %},
    s{{ n + 1 }} as (
        select period, pool_id, receiver_pool_id, sum(weight) as weight from (
            select period, pool_id, receiver_pool_id, weight from s{{ n }}
            union all
            select a.period, a.pool_id, b.receiver_pool_id, a.weight * b.share
            from s{{ n }} as a inner join w{{ n }} as b on a.period = b.period and a.receiver_pool_id = b.pool_id
        ) as t group by period, pool_id, receiver_pool_id
    ),
    w{{ n + 1 }} as (
        select a.period, a.pool_id, b.receiver_pool_id, sum(a.share * b.share) as share
        from w{{ n }} as a inner join w{{ n }} as b on a.period = b.period and a.receiver_pool_id = b.pool_id
        group by a.period, a.pool_id, b.receiver_pool_id
    )
    {%- endfor %}
    select period, pool_id, receiver_pool_id, weight, cast(0 as double) as remainder from s{{ squarings }}
{%- endmacro %}

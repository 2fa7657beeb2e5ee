{#- Select that rounds exact amounts to four decimals so that the sum of each group stays what it is.

    relation: CTE with one row a part.
    amount: column with the exact amount, decimal(34,12); positive or negative.
    group_by: columns of the group, a list.
    ties: columns that order parts with equal remainders, a list; together with group_by they are unique.

    Adds settled_amount, of the type money_total. Every part is rounded down; the units of the fourth decimal that are then missing from the sum go one
    each to the largest remainders. Where `allocate` splits an amount by weights, this closes amounts that were split
    exactly and summed. -#}
{% macro settle(relation, amount, group_by, ties) -%}
    {%- set groups = group_by | join(', ') %}
    select
        *,
        cast(
            rounded_down + case when remainder_rank <= missing_units then 1 else 0 end * cast(0.0001 as decimal(5, 4)) as {{ money_total() }}
        ) as settled_amount
    from (
        select
            *,
            cast(
                (cast(sum({{ amount }}) over (partition by {{ groups }}) as {{ money_total() }}) - sum(rounded_down) over (partition by {{ groups }})) * 10000
                as bigint
            ) as missing_units,
            row_number() over (
                partition by {{ groups }}
                order by {{ amount }} - rounded_down desc, {{ ties | join(', ') }}
            ) as remainder_rank
        from (
            select
                *,
                cast(
                    nearest - case when nearest > {{ amount }} then cast(0.0001 as decimal(5, 4)) else 0 end as {{ money_total() }}
                ) as rounded_down
            from (
                select
                    *,
                    cast({{ amount }} as {{ money_total() }}) as nearest
                from {{ relation }}
            ) as nearest_amounts
        ) as rounded_amounts
    ) as ranked_amounts
{%- endmacro %}

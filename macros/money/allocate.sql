{#- Select that splits an amount over the rows of each group, exact to the cent, by largest remainder.

    relation: CTE with one row a receiver.
    amount: column with the amount to split, the same in every row of a group.
    weight: decimal column; a group whose weights sum to zero gets nothing.
    group_by: columns of the group, a list.
    ties: columns that order receivers with equal remainders, a list; together with group_by they are unique.

    Adds allocated_amount, decimal(18,4), in whole cents. The sum over a group is the amount rounded to cents.
    Largest remainder method (Hamilton): every receiver gets its share rounded down to the cent; the cents left over go
    one each to the largest remainders. Weights are summed as decimals, so that the order of rows cannot matter. -#}
{% macro allocate(relation, amount, weight, group_by, ties) -%}
    {%- set groups = group_by | join(', ') %}
    select
        *,
        cast(
            cast(
                whole_cents
                + case when remainder_rank <= cents - sum(whole_cents) over (partition by {{ groups }}) then 1 else 0 end
                as decimal(18, 0)
            ) * cast(0.01 as decimal(3, 2)) as decimal(18, 4)
        ) as allocated_amount
    from (
        select
            *,
            cast(floor(exact_cents) as bigint) as whole_cents,
            row_number() over (
                partition by {{ groups }}
                order by exact_cents - floor(exact_cents) desc, {{ ties | join(', ') }}
            ) as remainder_rank
        from (
            select
                *,
                cast(round({{ amount }} * 100, 0) as bigint) as cents,
                cast(round({{ amount }} * 100, 0) as double) * cast({{ weight }} as double)
                / nullif(cast(sum({{ weight }}) over (partition by {{ groups }}) as double), 0) as exact_cents
            from {{ relation }}
        ) as shares
    ) as ranked_shares
{%- endmacro %}

{#- Select that splits an amount over the rows of each group, exact to the cent, by largest remainder.

    relation: CTE with one row a receiver.
    amount: column with the amount to split, the same in every row of a group.
    weight: decimal column of at most four decimals; a group whose weights sum to zero gets nothing.
    group_by: columns of the group, a list.
    ties: columns that order receivers with equal remainders, a list; together with group_by they are unique.
    total: column with the sum of the weights of the group, where it is known already; else it is summed.

    Adds allocated_amount, decimal(18,4), in whole cents. The sum over a group is the amount rounded to cents.
    Largest remainder method (Hamilton): every receiver gets its share rounded down to the cent; the cents left over go
    one each to the largest remainders. The share rounded down is estimated in floating point and corrected by its
    remainder, which is exact: cents × weight − whole cents × sum of weights. An estimate of more cents than floating point
    can count is off by a few, and one such step brings it to within one. Equal remainders are therefore equal, and
    the ties decide, whatever the weights and the order of rows. -#}
{% macro allocate(relation, amount, weight, group_by, ties, total=none) -%}
    {%- set groups = group_by | join(', ') %}
    select
        *,
        cast(
            cast(
                whole_cents + case when remainder_rank <= cents - given_cents then 1 else 0 end as decimal(19, 0)
            ) * cast(0.01 as decimal(3, 2)) as decimal(18, 4)
        ) as allocated_amount
    from (
        select
            *,
            sum(whole_cents) over (partition by {{ groups }}) as given_cents,
            row_number() over (partition by {{ groups }} order by exact_remainder desc, {{ ties | join(', ') }}) as remainder_rank
        from (
            select
                *,
                estimated_cents + case when estimated_remainder < 0 then -1 when estimated_remainder >= total_weight then 1 else 0 end as whole_cents,
                estimated_remainder
                + case when estimated_remainder < 0 then total_weight when estimated_remainder >= total_weight then -total_weight else 0 end as exact_remainder
            from (
                select
                    *,
                    rough_cents + step as estimated_cents,
                    rough_remainder - cast(step as decimal(18, 0)) * total_weight as estimated_remainder
                from (
                    select
                        *,
                        cast(floor(cast(rough_remainder as double) / nullif(cast(total_weight as double), 0)) as bigint) as step
                    from (
                        select
                            *,
                            cents * cast({{ weight }} as decimal(18, 4)) - cast(rough_cents as decimal(18, 0)) * total_weight as rough_remainder
                        from (
                            select
                                *,
                                cast(floor(cast(cents as double) * cast({{ weight }} as double) / nullif(cast(total_weight as double), 0)) as bigint) as rough_cents
                            from (
                                select
                                    *,
                                    -- Rounded in 18 digits, which is fast, and multiplied in more.
                                    cast(cast(cast({{ amount }} as decimal(18, 2)) as decimal(19, 2)) * 100 as decimal(19, 0)) as cents,
                                    cast({{ total if total else 'sum(' ~ weight ~ ') over (partition by ' ~ groups ~ ')' }} as decimal(20, 4)) as total_weight
                                from {{ relation }}
                            ) as totals
                        ) as rough_shares
                    ) as rough_remainders
                ) as steps
            ) as estimates
        ) as whole_shares
    ) as ranked_shares
{%- endmacro %}

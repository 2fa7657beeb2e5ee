{#- Select of the ledger's side of every line of the waterfall: month, line, amount.

    posted_lines: CTE with month, line and amount of what was posted to the accounts of a line; assigned_lines: the same of the lines on which
    indirect cost ended. What was posted and not assigned is the line unassigned_cost. -#}
{% macro ledger_lines(posted_lines, assigned_lines) %}
    with

    -- Taken from the ledger, not from the allocations: a cent that they lost would show as a difference of this line.
    unassigned_sides as (
        select
            month,
            amount
        from {{ posted_lines }}
        where line = 'indirect_cost'

        union all

        select
            month,
            -amount as amount
        from {{ assigned_lines }}
        where line <> 'unassigned_cost'
    ),

    final as (
        select
            month,
            line,
            amount
        from {{ posted_lines }}

        union all

        select
            month,
            line,
            amount
        from {{ assigned_lines }}
        where line <> 'unassigned_cost'

        union all

        select
            month,
            'unassigned_cost' as line,
            sum(amount) as amount
        from unassigned_sides
        group by month
    )

    select * from final
{%- endmacro %}

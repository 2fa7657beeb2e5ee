{#- Select of (I - W)^-1: how often a unit of one pool's own cost passes through each pool, itself included, when pools
    pass cost on to each other, through self-loops and cycles too.

    nodes: CTE or relation with one row a (period, pool_id).
    edges: CTE or relation with one row a (period, pool_id, receiver_pool_id) and share, double: the part of its cost that
        a pool passes on to another. The shares of a pool sum to 1 at most.
    squarings: how many times W is squared; n squarings are 2^n rounds of passing on.

    Gives period, pool_id, receiver_pool_id, weight (double) and remainder (double): the part of the pool's own cost that is
    still going round after the last round. Zero weights are left out; each pool's own weight, 1 or more, never is.
    (I - W)^-1 = (I + W)(I + W^2)(I + W^4)..., the product form of the Neumann series: each factor doubles the rounds. What is
    left after 2^n rounds is exactly the own cost × W^(2^n), so a test can hold it against the cent. -#}
{% macro reciprocal_inverse(nodes, edges, squarings=16) -%}
    {{ adapter.dispatch('reciprocal_inverse')(nodes, edges, squarings) }}
{%- endmacro %}


{#- Sums and powers are squared together, as one matrix of all periods: [[W, 0], [I, I]] squared is [[W^2, 0], [I + W, I]],
    squared again [[W^4, 0], [I + W + W^2 + W^3, I]]. A pool stands in it twice, as one that passes cost on, by an even number,
    and as the origin of its own cost, by the odd one after it. -#}
{%- macro duckdb__reciprocal_inverse(nodes, edges, squarings) %}
    with recursive

    places as (
        select
            period,
            pool_id,
            2 * row_number() over (order by period, pool_id) as place
        from {{ nodes }}
    ),

    squared as (
        select
            0 as squaring,
            senders.place as sender,
            receivers.place as receiver,
            edges.share as weight
        from {{ edges }} as edges
        inner join places as senders
            on edges.period = senders.period
            and edges.pool_id = senders.pool_id
        inner join places as receivers
            on edges.period = receivers.period
            and edges.receiver_pool_id = receivers.pool_id
        where edges.share > 0

        union all

        select
            0 as squaring,
            place + 1 as sender,
            place + unnest([0, 1]) as receiver,
            cast(1 as double) as weight
        from places

        union all

        select
            first_half.squaring + 1 as squaring,
            first_half.sender,
            second_half.receiver,
            sum(first_half.weight * second_half.weight) as weight
        from squared as first_half
        inner join squared as second_half
            on first_half.receiver = second_half.sender
        where first_half.squaring < {{ squarings }}
        group by
            first_half.squaring,
            first_half.sender,
            second_half.receiver
        having sum(first_half.weight * second_half.weight) > 0
    ),

    pool_remainders as (
        select
            sender,
            sum(weight) as remainder
        from squared
        where squaring = {{ squarings }} and sender % 2 = 0
        group by sender
    )

    select
        senders.period,
        senders.pool_id,
        receivers.pool_id as receiver_pool_id,
        weights.weight,
        coalesce(pool_remainders.remainder, cast(0 as double)) as remainder
    from squared as weights
    inner join places as senders
        on weights.sender = senders.place + 1
    inner join places as receivers
        on weights.receiver = receivers.place
    left join pool_remainders
        on senders.place = pool_remainders.sender
    where weights.squaring = {{ squarings }}
{%- endmacro %}


{#- Spark puts the text of a CTE wherever it is used, so that each squaring would double the plan: twelve are minutes of
    planning for a matrix of ten pools. Here the matrix of a period is one value, and the same product form runs inside one
    expression: identity and W go in, each step turns (S, P) into (S + S·P, P·P). -#}
{%- macro spark__reciprocal_inverse(nodes, edges, squarings) %}
    with

    ranked_pools as (
        select
            period,
            pool_id,
            row_number() over (partition by period order by pool_id) as place
        from {{ nodes }}
    ),

    matrix_cells as (
        select
            senders.period,
            senders.place as row_place,
            receivers.place as column_place,
            receivers.pool_id as receiver_pool_id,
            senders.pool_id,
            greatest(coalesce(edges.share, cast(0 as double)), cast(0 as double)) as share
        from ranked_pools as senders
        inner join ranked_pools as receivers
            on senders.period = receivers.period
        left join {{ edges }} as edges
            on senders.period = edges.period
            and senders.pool_id = edges.pool_id
            and receivers.pool_id = edges.receiver_pool_id
    ),

    matrix_rows as (
        select
            period,
            row_place,
            pool_id,
            transform(sort_array(collect_list(struct(column_place, share))), cell -> cell.share) as shares
        from matrix_cells
        group by
            period,
            row_place,
            pool_id
    ),

    matrices as (
        select
            period,
            transform(sort_array(collect_list(struct(row_place, pool_id))), entry -> entry.pool_id) as pool_ids,
            transform(sort_array(collect_list(struct(row_place, shares))), entry -> entry.shares) as shares
        from matrix_rows
        group by period
    ),

    inverses as (
        select
            period,
            pool_ids,
            aggregate(
                sequence(1, {{ squarings }}),
                struct(
                    transform(shares, (entries, i) -> transform(entries, (entry, j) -> if(i = j, 1D, 0D))) as weights,
                    shares as passed_on
                ),
                (state, step) -> struct(
                    {{ _spark_matrix_product('state.weights', 'state.passed_on', with_first=true) }} as weights,
                    {{ _spark_matrix_product('state.passed_on', 'state.passed_on') }} as passed_on
                )
            ) as inverse
        from matrices
    ),

    inverse_rows as (
        select
            period,
            pool_ids,
            pool_ids[row_index] as pool_id,
            weights,
            aggregate(inverse.passed_on[row_index], 0D, (total, entry) -> total + entry) as remainder
        from inverses
        lateral view posexplode(inverse.weights) as row_index, weights
    )

    select
        period,
        pool_id,
        pool_ids[column_index] as receiver_pool_id,
        weight,
        remainder
    from inverse_rows
    lateral view posexplode(weights) as column_index, weight
    where weight > 0
{%- endmacro %}


{#- Product of two square matrices that are arrays of rows; with_first adds the first matrix to it. -#}
{%- macro _spark_matrix_product(first, second, with_first=false) -%}
    transform({{ first }}, first_row -> transform(
        first_row,
        (own, j) -> aggregate(
            zip_with(first_row, {{ second }}, (factor, second_row) -> factor * second_row[j]),
            {{ 'own' if with_first else '0D' }},
            (total, term) -> total + term
        )
    ))
{%- endmacro %}

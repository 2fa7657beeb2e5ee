{#- Scores of purchase histories by BG/NBD: a select with the keys, probability_alive, and for each horizon its
    expected_purchases_<name>.

    histories: relation with one row a history: purchase_count (x), recency (t_x) and age (T), and the parameters r, alpha, a,
        b; all double, times in weeks.
    keys: columns of it to hand through.
    horizons: weeks by name, such as {'12m': 52.18}.

    Fader, Hardie & Lee, "Counting Your Customers" the Easy Way, Marketing Science 24 (2005): P(alive) and equation (10). Who
    never bought again is alive with certainty in this model. A customer with the chance p to leave after a purchase makes
    (1 - exp(-lambda p t))/p more purchases in time t; averaged over the rate lambda, Gamma(r+x, alpha+T), this is
    (1 - (1 + p t/(alpha+T))^-(r+x))/p, and over the chance, Beta(a, b+x), it is the paper's hypergeometric function. The
    average depends on x and T only, so it is taken once for each pair that occurs; the chances over which it is taken depend on x
    alone, so their nodes are those of the youngest customer and the longest horizon, whose reach is the longest. -#}
{% macro bg_nbd_scores(histories, keys, horizons) -%}
    select
        {% for key in keys -%}
        judged.{{ key }},
        {% endfor -%}
        judged.probability_alive
        {%- for name in horizons %},
        judged.probability_alive * means.mean_{{ name }} as expected_purchases_{{ name }}
        {%- endfor %}
    from (
        select
            *,
            case
                when purchase_count = 0 then 1.0
                else {{ chance_against(
                    'ln(a / (b + purchase_count - 1)) + (r + purchase_count) * '
                    ~ log_of_one_plus('(age - recency) / (alpha + recency)')
                ) }}
            end as probability_alive
        from {{ histories }}
    ) as judged
    left join (
        {{ bg_nbd_means(histories, horizons) }}
    ) as means
        on judged.purchase_count = means.purchase_count and judged.age = means.age
        and judged.r = means.r and judged.alpha = means.alpha and judged.a = means.a and judged.b = means.b
{%- endmacro %}


{#- Purchases within each horizon of a customer who is one now, mean_<name>, a row for each pair of purchases and age that occurs. -#}
{% macro bg_nbd_means(histories, horizons) -%}
    {%- set pair = ['purchase_count', 'age', 'r', 'alpha', 'a', 'b'] -%}
    with

    pairs as (
        {{ bg_nbd_pairs(histories, horizons, pair) }}
    ),

    nodes as (
        {{ beta_nodes('(' ~ bg_nbd_shapes(histories, horizons) ~ ') as shapes', 'longest_reach') }}
    ),

    declining as (
        select
            pairs.*,
            nodes.first,
            nodes.second,
            nodes.p,
            nodes.q,
            nodes.density
            {%- for name in horizons %},
            pairs.power * ({{ log_of_one_plus('nodes.p * pairs.horizon_' ~ name) }}) as decline_{{ name }}
            {%- endfor %}
        from pairs
        inner join nodes
            on pairs.purchase_count = nodes.purchase_count
            and pairs.r = nodes.r and pairs.alpha = nodes.alpha and pairs.a = nodes.a and pairs.b = nodes.b
    ),

    buying as (
        select
            *
            {%- for name in horizons %},
            {{ one_minus_exp('decline_' ~ name) }} / p as purchases_{{ name }}
            {%- endfor %}
        from declining
    )

    select
        {% for column in pair -%}
        max({{ column }}) as {{ column }}{{ ',' if not loop.last }}
        {% endfor -%}
        {%- for name in horizons %},
        max(at_one_{{ name }}) + max(second / (first + 1 + second))
        * sum(density * ((purchases_{{ name }} - at_one_{{ name }}) / q
            - (power * horizon_{{ name }} * exp(-decline_{{ name }}) / (1 + p * horizon_{{ name }}) - purchases_{{ name }}) / p / (first + second)))
        / sum(density) as mean_{{ name }}
        {%- endfor %}
    from buying
    group by pair_id
{%- endmacro %}


{#- The pairs of purchases and age that occur, each horizon in units of alpha + T, and what is bought in it at a chance to leave of 1. -#}
{% macro bg_nbd_pairs(histories, horizons, pair) -%}
    select
        *
        {%- for name in horizons %},
        {{ one_minus_exp('power * (' ~ log_of_one_plus('horizon_' ~ name) ~ ')') }} as at_one_{{ name }}
        {%- endfor %}
    from (
        select
            distinct_pairs.*,
            distinct_pairs.r + distinct_pairs.purchase_count as power,
            row_number() over (order by {{ pair | join(', ') }}) as pair_id
            {%- for name in horizons %},
            horizons.weeks_{{ name }} / (distinct_pairs.alpha + distinct_pairs.age) as horizon_{{ name }}
            {%- endfor %}
        from (select distinct {{ pair | join(', ') }} from {{ histories }}) as distinct_pairs
        cross join {{ weeks_of(horizons) }}
    ) as placed
{%- endmacro %}


{#- The chances to leave that occur, Beta(a, b+x), and the longest reach of those who have each. -#}
{% macro bg_nbd_shapes(histories, horizons) -%}
    select
        youngest.*,
        youngest.a as first,
        youngest.b + youngest.purchase_count as second,
        ln(1 + (youngest.r + youngest.purchase_count) * greatest(0.0{% for name in horizons %}, horizons.weeks_{{ name }}{% endfor %})
            / (youngest.alpha + youngest.age)) as longest_reach
    from (
        select
            purchase_count,
            r,
            alpha,
            a,
            b,
            min(age) as age
        from {{ histories }}
        group by purchase_count, r, alpha, a, b
    ) as youngest
    cross join {{ weeks_of(horizons) }}
{%- endmacro %}


{#- One row with the weeks of each horizon, weeks_<name>: the relation `horizons`. An expression in it is worked out once. -#}
{% macro weeks_of(horizons) -%}
    (
        select
            {%- for name, weeks in horizons.items() %}
            cast({{ weeks }} as double) as weeks_{{ name }}{{ ',' if not loop.last }}
            {%- endfor %}
    ) as horizons
{%- endmacro %}


{#- Probability that a customer who is one now buys nothing within some weeks, and stays one: (( alpha+T)/(alpha+T+t))^(r+x).
    For a new customer, x = 0 and T = 0, it is P(X(t) = 0) of the paper. -#}
{% macro bg_nbd_no_purchase(purchase_count, age, weeks, r, alpha) -%}
    exp(-({{ r }} + {{ purchase_count }}) * ({{ log_of_one_plus(
        '(' ~ weeks ~ ') / (' ~ alpha ~ ' + ' ~ age ~ ')'
    ) }}))
{%- endmacro %}

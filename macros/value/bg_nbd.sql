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
    average depends on x and T only, so it is taken once for each pair that occurs. -#}
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
        select
            purchase_count,
            age,
            r,
            alpha,
            a,
            b
            {%- for name in horizons %},
            max(case when horizon = '{{ name }}' then mean end) as mean_{{ name }}
            {%- endfor %}
        from (
            {{ beta_mean(
                '(' ~ bg_nbd_pairs(histories, horizons) ~ ') as pairs',
                ['purchase_count', 'age', 'r', 'alpha', 'a', 'b', 'horizon'],
                bg_nbd_purchases_at(),
                '(power * relative_horizon * exp(-power * ' ~ log_of_one_plus('p * relative_horizon')
                ~ ') / (1 + p * relative_horizon) - ' ~ bg_nbd_purchases_at() ~ ') / p',
                one_minus_exp('power * ' ~ log_of_one_plus('relative_horizon')),
                'ln(1 + power * relative_horizon)'
            ) }}
        ) as each_horizon
        group by purchase_count, age, r, alpha, a, b
    ) as means
        on judged.purchase_count = means.purchase_count and judged.age = means.age
        and judged.r = means.r and judged.alpha = means.alpha and judged.a = means.a and judged.b = means.b
{%- endmacro %}


{#- The pairs of purchases and age that occur, with each horizon. -#}
{% macro bg_nbd_pairs(histories, horizons) -%}
    select
        pairs.*,
        horizons.horizon,
        pairs.a as first,
        pairs.b + pairs.purchase_count as second,
        pairs.r + pairs.purchase_count as power,
        horizons.weeks / (pairs.alpha + pairs.age) as relative_horizon
    from (select distinct purchase_count, age, r, alpha, a, b from {{ histories }}) as pairs
    cross join (
        {%- for name, weeks in horizons.items() %}
        select '{{ name }}' as horizon, cast({{ weeks }} as double) as weeks
        {%- if not loop.last %}
        union all
        {%- endif %}
        {%- endfor %}
    ) as horizons
{%- endmacro %}


{#- Purchases in the horizon of a customer whose chance to leave is p. -#}
{% macro bg_nbd_purchases_at() -%}
    {{ one_minus_exp('power * ' ~ log_of_one_plus('p * relative_horizon')) }} / p
{%- endmacro %}


{#- Probability that a customer who is one now buys nothing within some weeks, and stays one: (( alpha+T)/(alpha+T+t))^(r+x).
    For a new customer, x = 0 and T = 0, it is P(X(t) = 0) of the paper. -#}
{% macro bg_nbd_no_purchase(purchase_count, age, weeks, r, alpha) -%}
    exp(-({{ r }} + {{ purchase_count }}) * ({{ log_of_one_plus(
        '(' ~ weeks ~ ') / (' ~ alpha ~ ' + ' ~ age ~ ')'
    ) }}))
{%- endmacro %}

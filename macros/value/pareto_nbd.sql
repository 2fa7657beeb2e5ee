{#- Scores of purchase histories by Pareto/NBD: a select with the keys, probability_alive, and for each horizon its
    expected_purchases_<name> and, given a rate, discounted_purchases_<name>; besides discounted_purchases, without an end.

    histories: relation with one row a history: purchase_count (x), recency (t_x) and age (T), and the parameters r, alpha, s,
        beta; all double, times in weeks.
    keys: columns of it to hand through.
    horizons: weeks by name, such as {'12m': 52.18}.
    weekly_rate: expression of the continuous discount rate a week; none for no discounted columns.

    Still a customer at T, against gone at some u since t_x, is as 1 to

        K = s * integral over u from t_x to T of ((alpha+T)/(alpha+u))^(r+x) * ((beta+T)/(beta+u))^s / (beta+u)

    (Fader & Hardie, A Note on Deriving the Pareto/NBD Model, 2005, before the integral is replaced by a difference of two
    hypergeometric functions, which cancels where t_x is close to T). Over y = ln((m+u)/(m+t_x)), where m is the smaller of
    alpha and beta, the integrand is smooth and has no peak but at y = 0; the interval ends where it has fallen by exp(-40).
    32 nodes then give 12 digits; nothing is subtracted, and K is kept as a logarithm, so that nothing overflows.

    A customer who is one at T buys (r+x)/(alpha+T) times a week while he stays, and stays for tau more weeks with probability
    ((beta+T)/(beta+T+tau))^s. The expected and the discounted number are integrals of this; without an end it is the
    discounted expected residual transactions of Fader, Hardie & Lee (RFM and CLV, 2005). -#}
{% macro pareto_nbd_scores(histories, keys, horizons, weekly_rate=none) -%}
    select
        {% for key in keys -%}
        {{ key }},
        {% endfor -%}
        probability_alive
        {%- for name, weeks in horizons.items() %},
        probability_alive * purchase_rate * {{ residual_weeks(weeks) }} as expected_purchases_{{ name }}
        {%- if weekly_rate is not none %},
        probability_alive * purchase_rate * {{ discounted_residual_weeks(name) }} as discounted_purchases_{{ name }}
        {%- endif -%}
        {%- endfor %}
        {%- if weekly_rate is not none %},
        probability_alive * purchase_rate * {{ discounted_residual_weeks('ever') }} as discounted_purchases
        {%- endif %}
    from (
        select
            {% for key in keys -%}
            {{ key }},
            {% endfor -%}
            s,
            beta + age as elapsed,
            power / (alpha + age) as purchase_rate,
            {%- if weekly_rate is not none %}
            ({{ weekly_rate }}) * (beta + age) as discount,
            {%- for name, weeks in dict(horizons, ever=none).items() %}
            {{ residual_end(weekly_rate, weeks) }} as end_{{ name }},
            {%- endfor %}
            {%- endif %}
            case
                when span > 0
                    then {{ chance_against(
                        'ln(s) + power * ' ~ log_of_one_plus('(age - recency) / (alpha + recency)')
                        ~ ' + s * ' ~ log_of_one_plus('(age - recency) / (beta + recency)')
                        ~ ' + ln(near / (beta + recency)) + ln(span) + ln(shape)'
                    ) }}
                when span <= 0 then 1.0
            end as probability_alive
        from (
            select
                *,
                {{ integral_over_unit_interval(
                    'exp((1 - near_power) * span * NODE - far_power * ln(1 + near / far * (exp(span * NODE) - 1)))'
                ) }} as shape
            from (
                select
                    *,
                    least(
                        {{ log_of_one_plus('(age - recency) / near') }},
                        40 / (near * (power / (alpha + recency) + s / (beta + recency))),
                        ln(1 + (alpha + recency) * (exp(least(50 / power, 500.0)) - 1) / near),
                        ln(1 + (beta + recency) * (exp(least(50 / (s + 1), 500.0)) - 1) / near)
                    ) as span
                from (
                    select
                        *,
                        r + purchase_count as power,
                        least(alpha, beta) + recency as near,
                        greatest(alpha, beta) + recency as far,
                        case when alpha <= beta then r + purchase_count else s + 1 end as near_power,
                        case when alpha <= beta then s + 1 else r + purchase_count end as far_power
                    from {{ histories }}
                ) as shaped
            ) as measured
        ) as integrated
    ) as judged
{%- endmacro %}


{#- Expected weeks that a customer who is one now stays within a horizon: the integral of ((beta+T)/(beta+T+tau))^s over tau.
    Written as (beta+T) ln(1 + t/(beta+T)) times (1 - exp(-y))/y, because the textbook form divides zero by zero at s = 1. -#}
{% macro residual_weeks(weeks) -%}
    {%- set stretch = log_of_one_plus('(' ~ weeks ~ ') / elapsed') -%}
    elapsed * ({{ stretch }}) * case
        when (s - 1) * ({{ stretch }}) = 0 then 1
        else {{ one_minus_exp('(s - 1) * (' ~ stretch ~ ')') }} / nullif((s - 1) * ({{ stretch }}), 0)
    end
{%- endmacro %}


{#- Where the integral of the discounted weeks ends, on the scale y = ln(1 + tau/(beta+T)): at the horizon, or where the
    discount or the chance to have gone has left exp(-40) of it. Null where neither does: the integral is infinite. -#}
{% macro residual_end(weekly_rate, weeks) -%}
    least(
        {%- if weeks is not none %}
        {{ log_of_one_plus('(' ~ weeks ~ ') / (beta + age)') }},
        {%- endif %}
        ln(1 + 45 / nullif(({{ weekly_rate }}) * (beta + age), 0)),
        case when s > 1 then 40 / (s - 1) end
    )
{%- endmacro %}


{#- The discounted weeks that a customer who is one now stays until `end_<name>`: (beta+T) times the integral over y of
    exp(-z (exp(y) - 1) - (s-1) y), z the rate times (beta+T). In two parts, because the discount takes hold at y = ln(1+1/z). -#}
{% macro discounted_residual_weeks(name) -%}
    {%- set end = 'end_' ~ name -%}
    {%- set middle = 'least(' ~ end ~ ', ln(1 + 1 / nullif(discount, 0)))' -%}
    {%- set rest = '(' ~ end ~ ' - ' ~ middle ~ ')' -%}
    elapsed * (
        {{ middle }} * {{ integral_over_unit_interval(
            'exp(-discount * (exp(' ~ middle ~ ' * NODE) - 1) - (s - 1) * ' ~ middle ~ ' * NODE)'
        ) }}
        + {{ rest }} * {{ integral_over_unit_interval(
            'exp(-discount * (exp(' ~ middle ~ ' + ' ~ rest ~ ' * NODE) - 1) - (s - 1) * (' ~ middle ~ ' + ' ~ rest
            ~ ' * NODE))'
        ) }}
    )
{%- endmacro %}

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
    {%- set discounted = dict(horizons, ever=none) if weekly_rate is not none else {} -%}
    select
        {% for key in keys -%}
        judged.{{ key }},
        {% endfor -%}
        judged.probability_alive
        {%- for name in horizons %},
        judged.probability_alive * judged.purchase_rate * {{ residual_weeks('judged.stretch_' ~ name) }} as expected_purchases_{{ name }}
        {%- endfor %}
        {%- for name in discounted %},
        judged.probability_alive * judged.purchase_rate * discounted.weeks_{{ name }}
            as discounted_purchases{{ '_' ~ name if name != 'ever' }}
        {%- endfor %}
    from (
        select
            {% for key in keys -%}
            {{ key }},
            {% endfor -%}
            age as judged_age,
            s as judged_s,
            beta as judged_beta,
            beta + age as elapsed,
            power / (alpha + age) as purchase_rate,
            {%- for name in horizons %}
            {{ log_of_one_plus('horizons.weeks_' ~ name ~ ' / (beta + age)') }} as stretch_{{ name }},
            {%- endfor %}
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
        {%- if horizons %}
        cross join {{ weeks_of(horizons) }}
        {%- endif %}
    ) as judged
    {%- if discounted %}
    left join (
        {{ discounted_residual_weeks(histories, discounted, weekly_rate) }}
    ) as discounted
        on judged.judged_age = discounted.age and judged.judged_s = discounted.s and judged.judged_beta = discounted.beta
    {%- endif %}
{%- endmacro %}


{#- Expected weeks that a customer who is one now stays within a horizon t: the integral of ((beta+T)/(beta+T+tau))^s over tau.
    Written as (beta+T) ln(1 + t/(beta+T)) times (1 - exp(-y))/y, because the textbook form divides zero by zero at s = 1.

    stretch: column with ln(1 + t/(beta+T)). -#}
{% macro residual_weeks(stretch) -%}
    judged.elapsed * {{ stretch }} * case
        when (judged.judged_s - 1) * {{ stretch }} = 0 then 1
        else {{ one_minus_exp('(judged.judged_s - 1) * ' ~ stretch) }}
            / nullif((judged.judged_s - 1) * {{ stretch }}, 0)
    end
{%- endmacro %}


{#- Discounted weeks that a customer who is one now stays within each horizon: a select with age, s, beta and weeks_<name>, a row
    for each that occurs. It is (beta+T) times the integral of exp(-z (exp(y) - 1) - (s-1) y) over y = ln(1 + tau/(beta+T)),
    where z is the rate times (beta+T), up to the horizon or to where discount or chance have left exp(-40) of it; in two
    parts, because the discount takes hold at y = ln(1 + 1/z). Null where neither leaves it finite.

    horizons: weeks by name; none for a horizon without an end. -#}
{% macro discounted_residual_weeks(histories, horizons, weekly_rate) -%}
    select
        age,
        s,
        beta
        {%- for name in horizons %},
        max(case when horizon = '{{ name }}' then weeks end) as weeks_{{ name }}
        {%- endfor %}
    from (
        select
            age,
            s,
            beta,
            horizon,
            sum(elapsed * extent * weight * exp(-discount * (exp(place) - 1) - (s - 1) * place)) as weeks
        from (
            select
                bounded.*,
                nodes.weight,
                case when parts.part = 0 then bounded.middle else bounded.end_place - bounded.middle end as extent,
                case
                    when parts.part = 0 then bounded.middle * nodes.node
                    else bounded.middle + (bounded.end_place - bounded.middle) * nodes.node
                end as place
            from (
                select
                    *,
                    least(end_place, ln(1 + 1 / nullif(discount, 0))) as middle
                from (
                    select
                        *,
                        least(
                            {{ log_of_one_plus('horizon_weeks / elapsed') }},
                            ln(1 + 45 / nullif(discount, 0)),
                            case when s > 1 then 40 / nullif(s - 1, 0) end
                        ) as end_place
                    from (
                        select
                            ages.*,
                            horizons.horizon,
                            horizons.horizon_weeks,
                            ages.beta + ages.age as elapsed,
                            ({{ weekly_rate }}) * (ages.beta + ages.age) as discount
                        from (select distinct age, s, beta from {{ histories }}) as ages
                        cross join (
                            {%- for name, weeks in horizons.items() %}
                            select
                                '{{ name }}' as horizon,
                                cast({{ weeks if weeks is not none else 'null' }} as double) as horizon_weeks
                            {%- if not loop.last %}
                            union all
                            {%- endif %}
                            {%- endfor %}
                        ) as horizons
                    ) as horizon_ages
                ) as ended
            ) as bounded
            cross join (values (0), (1)) as parts (part)
            cross join {{ gauss_legendre_nodes() }}
        ) as placed
        group by age, s, beta, horizon
    ) as each_horizon
    group by age, s, beta
{%- endmacro %}

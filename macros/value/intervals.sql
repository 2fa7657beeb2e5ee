{#- Quantile of the standard normal distribution, 0 < level < 1, to 4.5e-4 (Abramowitz & Stegun 26.2.23). -#}
{% macro normal_quantile(level) -%}
    {%- set root = 'sqrt(-2 * ln(least(' ~ level ~ ', 1 - (' ~ level ~ '))))' -%}
    (case when {{ level }} < 0.5e0 then -1e0 else 1e0 end * (
        {{ root }} - (2.515517e0 + 0.802853e0 * {{ root }} + 0.010328e0 * {{ root }} * {{ root }})
        / (1e0 + 1.432788e0 * {{ root }} + 0.189269e0 * {{ root }} * {{ root }} + 0.001308e0 * {{ root }} * {{ root }} * {{ root }})
    ))
{%- endmacro %}


{#- Quantile of an amount that is nothing with some probability, and else Gamma distributed (Wilson & Hilferty 1931).

    level: expression, the quantile asked for.
    probability: expression of the probability that there is an amount.
    mean, shape: expressions of the mean and the shape of the amount where there is one. -#}
{% macro lumped_gamma_quantile(level, probability, mean, shape) -%}
    {%- set inner = '((' ~ level ~ ' - 1 + ' ~ probability ~ ') / nullif(' ~ probability ~ ', 0))' -%}
    case
        when {{ level }} - 1 + {{ probability }} > 1e-9
            then {{ mean }} * power(
                greatest(1 - 1 / (9 * {{ shape }}) + {{ normal_quantile(inner) }} / (3 * sqrt({{ shape }})), 0e0), 3
            )
        else 0e0
    end
{%- endmacro %}


{#- Square of the coefficient of variation of the part of a period that somebody stays who leaves at a constant rate.

    decay: expression, the rate times the period, >= 0. -#}
{% macro stay_spread(decay) -%}
    case
        when {{ decay }} > 0.001e0
            then 2 * (1 - exp(-({{ decay }})) * (1 + {{ decay }})) / power(1 - exp(-({{ decay }})), 2) - 1
        else ({{ decay }}) / 3
    end
{%- endmacro %}


{#- What the bounds of an interval are moved by multiples of: the deviation that the model knows, and the mean deviation of the segment for what it
    does not, such as visits to a customer who buys nothing.

    deviation: column of the standard deviation.
    group_by: columns of the segment, a list. -#}
{% macro interval_scale(deviation, group_by) -%}
    {{ deviation }} + avg({{ deviation }}) over (partition by {{ group_by | join(', ') }})
{%- endmacro %}


{#- A bound of an interval, moved by the factor that the hold-out gave; what is expected stays inside.

    bound: low or high.
    value, expected, scale, factor: expressions of the bound by the model, of the expectation, of the scale and of the factor. -#}
{% macro moved_bound(bound, value, expected, scale, factor) -%}
    {%- if bound == 'low' -%}
    least({{ value }} - {{ factor }} * {{ scale }}, {{ expected }})
    {%- else -%}
    greatest({{ value }} + {{ factor }} * {{ scale }}, {{ expected }})
    {%- endif -%}
{%- endmacro %}

{#- ln(1 + z) to full precision, also where z is so small that 1 + z loses its digits. z > -1. Dispatched by engine. -#}
{% macro log_of_one_plus(z) -%}
    {{- return(adapter.dispatch('log_of_one_plus')(z)) -}}
{%- endmacro %}


{% macro spark__log_of_one_plus(z) -%}
    log1p({{ z }})
{%- endmacro %}


{#- W. Kahan's correction (in D. Goldberg, What Every Computer Scientist Should Know About Floating-Point Arithmetic, 1991). -#}
{% macro duckdb__log_of_one_plus(z) -%}
    case
        when 1 + ({{ z }}) = 1 then ({{ z }})
        else ln(1 + ({{ z }})) * (({{ z }}) / ((1 + ({{ z }})) - 1))
    end
{%- endmacro %}


{#- 1 - exp(-y) to full precision, also where y is so small that exp(-y) is 1. Dispatched by engine. -#}
{% macro one_minus_exp(y) -%}
    {{- return(adapter.dispatch('one_minus_exp')(y)) -}}
{%- endmacro %}


{% macro spark__one_minus_exp(y) -%}
    (-expm1(-({{ y }})))
{%- endmacro %}


{#- From y = 100 on the result is 1 to the last digit; farther on its factors would overflow. -#}
{% macro duckdb__one_minus_exp(y) -%}
    (2 * exp(-least({{ y }}, 100.0) / 2) * sinh(least({{ y }}, 100.0) / 2))
{%- endmacro %}


{#- 1 / (1 + exp(log_odds)): the chance against, from the logarithm of the odds for. Never overflows. -#}
{% macro chance_against(log_odds) -%}
    case
        when ({{ log_odds }}) > 0 then exp(-({{ log_odds }})) / (1 + exp(-({{ log_odds }})))
        else 1 / (1 + exp({{ log_odds }}))
    end
{%- endmacro %}


{#- Logarithm of the gamma function, z > 0. Dispatched by engine. -#}
{% macro log_gamma(z) -%}
    {{- return(adapter.dispatch('log_gamma')(z)) -}}
{%- endmacro %}


{% macro duckdb__log_gamma(z) -%}
    lgamma({{ z }})
{%- endmacro %}


{#- Stirling's series at z + 10, where five terms give all digits of a double, and the recurrence back (Abramowitz & Stegun
    6.1.41, 6.1.15). -#}
{% macro spark__log_gamma(z) -%}
    {%- set w = '(' ~ z ~ ' + 10)' -%}
    (
        ({{ w }} - 0.5) * ln({{ w }}) - {{ w }} + 9.1893853320467274e-1
        + (1 - (1 - (1 - (1 - 140 / (99 * {{ w }} * {{ w }})) * 3 / (4 * {{ w }} * {{ w }})) * 2 / (7 * {{ w }} * {{ w }}))
        / (30 * {{ w }} * {{ w }})) / (12 * {{ w }})
        - ln({% for step in range(10) %}({{ z }} + {{ step }}){{ ' * ' if not loop.last }}{% endfor %})
    )
{%- endmacro %}


{#- A relation with the whole numbers from 0 to count - 1, column `number`. Small: it is written out. -#}
{% macro whole_numbers(count) -%}
    (values {% for number in range(count) %}({{ number }}){{ ', ' if not loop.last }}{% endfor %}) as whole_numbers (number)
{%- endmacro %}

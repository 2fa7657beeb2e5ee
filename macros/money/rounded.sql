{#- A quotient rounded to cents, half away from zero, as decimal(18,4).

    Engines round a floating-point number differently where it lies on half a cent, as an amount ÷ 2 often does; as a decimal of eight
    places it is the half that it is meant to be.

    number: expression, double. -#}
{% macro rounded_to_cents(number) -%}
    cast(round(cast({{ number }} as decimal(28, 8)), 2) as decimal(18, 4))
{%- endmacro %}

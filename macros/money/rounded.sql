{#- A quotient rounded to cents, half away from zero.

    Engines round a floating-point number differently where it lies on half a cent, as an amount ÷ 2 often does; as a decimal of eight
    places it is the half that it is meant to be.

    number: expression, double; kind: type of the amount, for what a row or a customer holds by default. -#}
{% macro rounded_to_cents(number, kind='decimal(18, 4)') -%}
    cast(round(cast({{ number }} as decimal(28, 8)), 2) as {{ kind }})
{%- endmacro %}


{#- A number rounded to some decimals, half away from zero, the same on every engine: of floating point each has its own idea of a half, and of the
    digits beyond the fifteenth.

    number: expression, double; digits: decimals that are kept; kind: type of the result. -#}
{% macro rounded_number(number, digits, kind='double') -%}
    cast(round(cast({{ number }} as decimal(38, {{ digits + 4 }})), {{ digits }}) as {{ kind }})
{%- endmacro %}

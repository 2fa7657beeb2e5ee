{#- SQL literal of the reporting currency. -#}
{% macro reporting_currency() -%}
    '{{ var("reporting_currency") }}'
{%- endmacro %}


{#- Type of an amount that is summed over customers. A row, and a customer, hold less than 1e14 of any currency; a company in rupiah
    holds more, and a table of totals is small enough for the wider type. -#}
{% macro money_total() -%}
    decimal(28, 4)
{%- endmacro %}


{#- Product of two decimals of up to 18 digits, exact, in 37 or 38 digits. One digit more makes both engines multiply in 38 digits:
    DuckDB would overflow at 18, Spark keeps every decimal up to 38.

    factor: expression of an amount or a quantity, decimal(18,4); other_factor: expression of a quantity, price, share or rate. -#}
{% macro exact_product(factor, other_factor) -%}
    cast({{ factor }} as decimal(19, 4)) * {{ other_factor }}
{%- endmacro %}


{#- Product of a quantity and a price as an amount: exact, then rounded once, half away from zero, to decimal(18,4).

    quantity: expression, decimal(18,4); price: expression, decimal(26,12) or narrower. -#}
{% macro exact_amount(quantity, price) -%}
    {{ adapter.dispatch('exact_amount')(quantity, price) }}
{%- endmacro %}

{#- The part of the price with four decimals and the rest by themselves: as one product Spark would cut decimals off. -#}
{% macro default__exact_amount(quantity, price) -%}
    {%- set quantity = 'cast(' ~ quantity ~ ' as decimal(19, 4))' -%}
    {%- set part = 'cast(' ~ price ~ ' as decimal(18, 4))' -%}
    cast(
        cast({{ quantity }} * {{ part }} as decimal(31, 16))
        + cast({{ quantity }} * cast({{ price }} - {{ part }} as decimal(12, 12)) as decimal(31, 16))
        as decimal(18, 4)
    )
{%- endmacro %}

{#- Rounding 38 digits takes DuckDB many times as long as doing it in floating point, which cannot err where the product is below 1e13
    units and further than 1e-2 from half a unit: it is good to 7e-3. There it decides; elsewhere the decimals do. -#}
{% macro duckdb__exact_amount(quantity, price) -%}
    {%- set units = 'cast(' ~ quantity ~ ' as double) * cast(' ~ price ~ ' as double) * 1e4' -%}
    case
        when abs({{ units }}) < 1e13 and abs({{ units }} - floor({{ units }}) - 0.5e0) > 1e-2
            then cast(round({{ units }}) / 1e4 as decimal(18, 4))
        else cast({{ exact_product(quantity, price) }} as decimal(18, 4))
    end
{%- endmacro %}


{#- A total of exact products, rounded once, half away from zero, to decimal(18,4).

    total: expression, decimal(38,8). -#}
{% macro rounded_total(total) -%}
    {{ adapter.dispatch('rounded_total')(total) }}
{%- endmacro %}

{% macro default__rounded_total(total) -%}
    cast({{ total }} as decimal(18, 4))
{%- endmacro %}

{#- Rounding 38 digits takes DuckDB a hundred times as long as rounding 18: what fits in 18 is rounded in 18. -#}
{% macro duckdb__rounded_total(total) -%}
    case
        when abs({{ total }}) < cast(9000000000 as decimal(38, 8))
            then cast(cast({{ total }} as decimal(18, 8)) as decimal(18, 4))
        else cast({{ total }} as decimal(18, 4))
    end
{%- endmacro %}


{#- An amount in reporting currency. An amount that is in it already is kept as delivered; any other is converted at the
    given rate and rounded, half away from zero, once per row. Without a rate the result is null: the row stays, flagged.

    amount: expression, decimal(18,4).
    currency: expression of its ISO 4217 code.
    rate: expression of the price of one unit in reporting currency, decimal(28,19) or narrower. -#}
{% macro to_reporting_currency(amount, currency, rate) -%}
    case
        when {{ currency }} = {{ reporting_currency() }} then cast({{ amount }} as decimal(18, 4))
        {{ converted_amount(amount, rate) }}
    end
{%- endmacro %}


{#- The branches of a case that convert an amount at a rate. -#}
{% macro converted_amount(amount, rate) -%}
    {{ adapter.dispatch('converted_amount')(amount, rate) }}
{%- endmacro %}

{% macro default__converted_amount(amount, rate) -%}
    else cast(round({{ exact_conversion(amount, rate) }}, {{ var('money_decimals') }}) as decimal(18, 4))
{%- endmacro %}

{#- Rounding 38 digits takes DuckDB six times as long as doing it in floating point, which cannot err where the product is below 1e10
    units and further than 1e-4 from half a unit: it is good to 1e-5. There it decides; elsewhere the decimals do. -#}
{% macro duckdb__converted_amount(amount, rate) -%}
    {%- set units = 'cast(' ~ amount ~ ' as double) * cast(' ~ rate ~ ' as double) * 1e' ~ var('money_decimals') -%}
    when abs({{ units }}) < 1e10 and abs({{ units }} - floor({{ units }}) - 0.5e0) > 1e-4
            then cast(round({{ units }}) / 1e{{ var('money_decimals') }} as decimal(18, 4))
        {{ default__converted_amount(amount, rate) }}
{%- endmacro %}


{#- Product of an amount and a rate with every decimal of both; below 1e14.

    amount: expression, decimal(18,4); rate: expression, decimal(28,19) or narrower. -#}
{% macro exact_conversion(amount, rate) -%}
    {{ adapter.dispatch('exact_conversion')(amount, rate) }}
{%- endmacro %}

{#- The part of the rate with ten decimals and the rest by themselves: as one product Spark would cut decimals off. -#}
{% macro default__exact_conversion(amount, rate) -%}
    {%- set amount = 'cast(' ~ amount ~ ' as decimal(18, 4))' -%}
    {%- set part = 'cast(' ~ rate ~ ' as decimal(19, 10))' -%}
    cast({{ amount }} * {{ part }} as decimal(37, 23))
        + cast({{ amount }} * cast({{ rate }} - {{ part }} as decimal(19, 19)) as decimal(37, 23))
{%- endmacro %}

{% macro duckdb__exact_conversion(amount, rate) -%}
    {{ exact_product(amount, rate) }}
{%- endmacro %}


{#- Price of one unit of the other currency, to eighteen decimals, rounded half up.

    rate: expression, decimal(28,19), above 1e-9. -#}
{% macro inverse_rate(rate) -%}
    {{ adapter.dispatch('inverse_rate')(rate) }}
{%- endmacro %}

{#- Spark divides decimals to eighteen decimals. -#}
{% macro default__inverse_rate(rate) -%}
    cast(cast(1 as decimal(1, 0)) / {{ rate }} as decimal(28, 19))
{%- endmacro %}

{#- DuckDB divides decimals as floating-point numbers, but whole numbers of 38 digits exactly: both sides in units of the nineteenth decimal. -#}
{% macro duckdb__inverse_rate(rate) -%}
    {%- set units = "cast(replace(cast(cast(" ~ rate ~ " as decimal(28, 19)) as varchar), '.', '') as hugeint)" -%}
    cast(
        cast(divide(cast('2e37' as hugeint) + {{ units }}, 2 * {{ units }}) as decimal(38, 0))
        * cast(0.000000000000000001 as decimal(18, 18)) as decimal(28, 19)
    )
{%- endmacro %}


{#- Whether an amount in this currency can be converted. -#}
{% macro is_convertible(currency, rate) -%}
    ({{ currency }} = {{ reporting_currency() }} or {{ rate }} is not null)
{%- endmacro %}


{#- First day of the month of a date, as a date. -#}
{% macro month_of(day) -%}
    cast({{ dbt.date_trunc('month', day) }} as date)
{%- endmacro %}

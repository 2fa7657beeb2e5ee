{#- SQL literal of the reporting currency. -#}
{% macro reporting_currency() -%}
    '{{ var("reporting_currency") }}'
{%- endmacro %}


{#- Product of two decimals of up to 18 digits, exact. One digit more makes both engines multiply in 38 digits: DuckDB would
    overflow at 18, Spark keeps every decimal up to 38. -#}
{% macro exact_product(factor, other_factor) -%}
    cast({{ factor }} as decimal(19, 4)) * {{ other_factor }}
{%- endmacro %}


{#- An amount in reporting currency. An amount that is in it already is kept as delivered; any other is converted at the
    given rate and rounded, half away from zero, once per row. Without a rate the result is null: the row stays, flagged.

    amount: expression, decimal(18,4).
    currency: expression of its ISO 4217 code.
    rate: expression of the price of one unit in reporting currency, decimal(18,12). -#}
{% macro to_reporting_currency(amount, currency, rate) -%}
    cast(
        case
            when {{ currency }} = {{ reporting_currency() }} then {{ amount }}
            else cast(round({{ exact_product(amount, rate) }}, {{ var('money_decimals') }}) as decimal(18, 4))
        end as decimal(18, 4)
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

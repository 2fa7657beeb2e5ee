{#- Select of the quotations of exchange rates that contradict the one that is used on their day, with the money that was converted by it:
    source_system, record_id, month, original_amount, currency_code. A quotation in the other direction, or of another system, contradicts where it
    differs by more than the variable rate_tolerance; so does one by which a currency is not worth itself.

    quotations: CTE of delivered rates; daily_rates: CTE in the shape of int_finance__daily_exchange_rates.
    converted: facts that a rate makes money of, each a CTE with a currency_code, with the day that chooses the rate and the amount. -#}
{% macro contradicted_rates(quotations, daily_rates, converted) %}
    with

    -- What one unit of a currency costs by each quotation, in either direction, as int_finance__daily_exchange_rates could use it.
    priced_currencies as (
        select
            *,
            case when to_currency_code = {{ reporting_currency() }} then from_currency_code else to_currency_code end as currency_code,
            case
                when to_currency_code = {{ reporting_currency() }} then cast(exchange_rate as double)
                else 1.0 / cast(exchange_rate as double)
            end as price
        from {{ quotations }}
        where
            {{ reporting_currency() }} in (from_currency_code, to_currency_code)
            or from_currency_code = to_currency_code
    ),

    contradictions as (
        select
            priced_currencies.source_system,
            priced_currencies.from_currency_code,
            priced_currencies.to_currency_code,
            priced_currencies.rate_on,
            priced_currencies.currency_code
        from priced_currencies
        left join {{ daily_rates }} as daily_rates
            on priced_currencies.currency_code = daily_rates.currency_code
            and priced_currencies.rate_on = daily_rates.calendar_date
        where
            -- A currency is worth itself.
            abs(
                priced_currencies.price / case
                    when priced_currencies.from_currency_code = priced_currencies.to_currency_code then 1
                    else cast(daily_rates.exchange_rate as double)
                end - 1
            ) > {{ var('rate_tolerance') }}
    ),

    contradicted_days as (
        select distinct
            daily_rates.currency_code,
            daily_rates.quoted_on,
            daily_rates.calendar_date
        from {{ daily_rates }} as daily_rates
        inner join contradictions
            on daily_rates.currency_code = contradictions.currency_code
            and daily_rates.quoted_on = contradictions.rate_on
    ),

    converted_amounts as (
        {%- for fact, day, amount in converted %}
        select
            contradicted_days.currency_code,
            contradicted_days.quoted_on,
            sum(abs(facts.{{ amount }})) as original_amount
        from contradicted_days
        inner join {{ fact }} as facts
            on contradicted_days.currency_code = facts.currency_code
            and contradicted_days.calendar_date = facts.{{ day }}
        group by
            contradicted_days.currency_code,
            contradicted_days.quoted_on
        {{- '

        union all
    ' if not loop.last }}
        {%- endfor %}
    ),

    at_stake as (
        select
            currency_code,
            quoted_on,
            sum(original_amount) as original_amount
        from converted_amounts
        group by
            currency_code,
            quoted_on
    ),

    final as (
        select
            contradictions.source_system,
            {{ dbt.concat([
                'contradictions.source_system', "':'", 'contradictions.from_currency_code', "'>'", 'contradictions.to_currency_code', "'@'",
                'cast(contradictions.rate_on as ' ~ dbt.type_string() ~ ')',
            ]) }} as record_id,
            {{ month_of('contradictions.rate_on') }} as month,
            coalesce(at_stake.original_amount, 0) as original_amount,
            contradictions.currency_code
        from contradictions
        left join at_stake
            on contradictions.currency_code = at_stake.currency_code
            and contradictions.rate_on = at_stake.quoted_on
    )

    select * from final
{%- endmacro %}

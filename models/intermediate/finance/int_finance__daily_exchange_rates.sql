with

delivered as (
    select
        source_system,
        from_currency_code,
        to_currency_code,
        rate_on,
        exchange_rate
    from {{ ref('stg_finance__exchange_rates') }}
    where exchange_rate > 0
),

-- A rate quoted from the reporting currency serves as well: its inverse is the price of the other currency.
quoted as (
    select
        from_currency_code as currency_code,
        rate_on,
        cast(exchange_rate as decimal(28, 19)) as exchange_rate,
        1 as preference,
        source_system
    from delivered
    where to_currency_code = {{ reporting_currency() }}

    union all

    select
        to_currency_code as currency_code,
        rate_on,
        {{ inverse_rate('exchange_rate') }} as exchange_rate,
        2 as preference,
        source_system
    from delivered
    -- The inverse of less is none that a currency has.
    where from_currency_code = {{ reporting_currency() }} and exchange_rate > 0.000000001
),

ranked as (
    select
        *,
        row_number() over (
            partition by currency_code, rate_on
            order by preference, source_system
        ) as quote_rank
    from quoted
    where currency_code <> {{ reporting_currency() }}
),

valid as (
    select
        currency_code,
        rate_on,
        exchange_rate,
        coalesce(
            lead(rate_on) over (partition by currency_code order by rate_on),
            cast('9999-12-31' as date)
        ) as superseded_on
    from ranked
    where quote_rank = 1
),

days as (
    select calendar_date from {{ ref('dim_date') }}
),

final as (
    select
        valid.currency_code,
        days.calendar_date,
        valid.exchange_rate,
        valid.rate_on as quoted_on
    from valid
    inner join days
        on valid.rate_on <= days.calendar_date
        and valid.superseded_on > days.calendar_date
)

select * from final

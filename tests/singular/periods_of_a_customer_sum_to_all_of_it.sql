-- Proves that the calendar years of customer_profitability_periods sum to its period all, customer by customer and line by line, that each year is
-- the sum of its months in customer_profitability_monthly, and that no customer, year or month is left out. Returns each customer, year and line
-- that differs; the year is all where the years do not sum to it.
{%- set measures = ['order_count'] + waterfall_amounts() %}

with

periods as (
    select
        customer_id,
        period,
        year_number is not null as is_year,
        {{ measures | join(',\n        ') }}
    from {{ ref('customer_profitability_periods') }}
    where period = 'all' or year_number is not null
),

months as (
    select
        customer_id,
        cast(cast(extract(year from month) as integer) as {{ dbt.type_string() }}) as period,
        {{ measures | join(',\n        ') }}
    from {{ ref('customer_profitability_monthly') }}
),

-- What is claimed, and what it should be the sum of with its sign turned.
entries as (
    select
        customer_id,
        period,
        {{ measures | join(',\n        ') }}
    from periods

    union all

    select
        customer_id,
        'all' as period,
        -{{ measures | join(',\n        -') }}
    from periods
    where is_year

    union all

    select
        customer_id,
        period,
        -{{ measures | join(',\n        -') }}
    from months
)

select
    customer_id,
    period
from entries
group by
    customer_id,
    period
having {{ 'sum(' ~ measures | join(') <> 0 or sum(') ~ ') <> 0' }}

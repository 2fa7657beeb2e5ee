{%- set measures = ['order_count'] + waterfall_amounts() -%}

with

customers as (
    select * from {{ ref('customer_profitability') }}
),

months as (
    select
        *,
        cast(extract(year from month) as integer) as year_number
    from {{ ref('customer_profitability_monthly') }}
),

windows as (
    {%- for prefix in profitability_windows() %}
    select
        '{{ prefix[:-1] or 'all' }}' as period,
        cast(null as integer) as year_number,
        {%- for measure in measures %}
        {{ prefix }}{{ measure }} as {{ measure }},
        {%- endfor %}
        customer_id
    from customers
    {{- ' union all' if not loop.last }}
    {%- endfor %}
),

years as (
    select
        cast(year_number as {{ dbt.type_string() }}) as period,
        year_number,
        {%- for measure in measures %}
        sum({{ measure }}) as {{ measure }},
        {%- endfor %}
        customer_id
    from months
    group by
        year_number,
        customer_id
),

periods as (
    select * from windows
    union all
    select * from years
),

final as (
    select
        customers.customer_id,
        periods.period,
        periods.year_number,
        customers.as_of,
        customers.is_unattributed,
        cast(periods.order_count as bigint) as order_count,
        {%- for amount in waterfall_amounts() %}
        cast(periods.{{ amount }} as decimal(18, 4)) as {{ amount }},
        {%- endfor %}
        customers.segment_id
    from periods
    inner join customers
        on periods.customer_id = customers.customer_id
)

select * from final

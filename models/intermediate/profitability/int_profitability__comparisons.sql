with

waterfall as (
    select
        customer_id,
        month,
        is_unattributed,
        order_count
    from {{ ref('int_customers__waterfall') }}
),

stamps as (
    select
        customer_id,
        month,
        segment_id
    from {{ ref('int_segments__stamps') }}
),

calendar as (
    select last_month
    from {{ ref('int_calendar__as_of') }}
),

{%- for kind, months in compared_periods().items() %}

{{ kind }}_sales as (
    select
        customer_id,
        {{ period_of(kind, 'month') }} as period,
        max(case when order_count > 0 then 1 else 0 end) as has_sales
    from waterfall
    group by
        customer_id,
        {{ period_of(kind, 'month') }}
),

{{ kind }}_sides as (
    select
        customer_id,
        period,
        has_sales,
        case
            when lag(period) over (partition by customer_id order by period) = {{ month_after('period', -months) }}
                then lag(has_sales) over (partition by customer_id order by period)
            else 0
        end as had_sales_before,
        case
            when lead(period) over (partition by customer_id order by period) = {{ month_after('period', months) }}
                then lead(has_sales) over (partition by customer_id order by period)
            else 0
        end as has_sales_after
    from {{ kind }}_sales
),
{%- endfor %}

final as (
    select
        waterfall.customer_id,
        waterfall.month,
        {{ stamped_segment('waterfall.is_unattributed', 'stamps.segment_id') }} as segment_id,
        {{ comparison_kinds() }} as comparison_kinds
    from waterfall
    cross join calendar
    {%- for kind in compared_periods() %}
    inner join {{ kind }}_sides
        on waterfall.customer_id = {{ kind }}_sides.customer_id
        and {{ period_of(kind, 'waterfall.month') }} = {{ kind }}_sides.period
    {%- endfor %}
    left join stamps
        on waterfall.customer_id = stamps.customer_id
        -- After the month of the last order nobody is judged any more: the last judgement stays.
        and least(waterfall.month, calendar.last_month) = stamps.month
)

select * from final

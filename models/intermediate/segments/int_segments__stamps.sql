with

customer_months as (
    select
        customer_id,
        month,
        segment_id
    from {{ ref('int_segments__customer_months') }}
),

positions as (
    select
        customer_id,
        month,
        profit_tier
    from {{ ref('int_segments__profit_positions') }}
),

calendar as (
    select as_of_month
    from {{ ref('int_calendar__as_of') }}
),

final as (
    select
        coalesce(customer_months.customer_id, positions.customer_id) as customer_id,
        coalesce(customer_months.month, positions.month) as month,
        {{ stamped_segment('false', 'customer_months.segment_id') }} as segment_id,
        {{ stamped_tier('false', 'positions.profit_tier') }} as profit_tier,
        coalesce(customer_months.month, positions.month) = calendar.as_of_month as is_current
    from customer_months
    full outer join positions
        on customer_months.customer_id = positions.customer_id
        and customer_months.month = positions.month
    cross join calendar
)

select * from final

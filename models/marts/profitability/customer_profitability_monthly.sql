with

waterfall as (
    select * from {{ ref('int_customers__waterfall') }}
),

stamps as (
    select
        customer_id,
        month,
        segment_id,
        profit_tier
    from {{ ref('int_segments__stamps') }}
),

calendar as (
    select last_month
    from {{ ref('int_calendar__as_of') }}
),

split as (
    select
        waterfall.*,
        -- After the month of the last order nobody is judged any more: the last judgement stays.
        least(waterfall.month, calendar.last_month) as stamped_month,
        waterfall.cost_of_goods_amount + waterfall.direct_selling_cost_amount
        + waterfall.order_level_cost_amount as variable_cost_amount,
        waterfall.cost_to_serve_amount + waterfall.sustaining_cost_amount
        - waterfall.order_level_cost_amount as fixed_cost_amount
    from waterfall
    cross join calendar
),

final as (
    select
        split.customer_id,
        split.month,
        split.is_unattributed,
        split.is_ordering,
        split.order_count,
        {%- for amount in waterfall_amounts() %}
        cast(split.{{ amount }} as decimal(18, 4)) as {{ amount }},
        {%- endfor %}
        {{ stamped_segment('split.is_unattributed', 'stamps.segment_id') }} as segment_id,
        {{ stamped_tier('split.is_unattributed', 'stamps.profit_tier') }} as profit_tier,
        split.order_date_net_revenue_amount,
        split.order_date_profit_amount
    from split
    left join stamps
        on split.customer_id = stamps.customer_id
        and split.stamped_month = stamps.month
)

select * from final

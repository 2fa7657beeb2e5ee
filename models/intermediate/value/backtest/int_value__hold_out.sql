with

predictions as (
    select * from {{ ref('int_value__predictions') }}
    where basis = 'hold_out'
),

bases as (
    select * from {{ ref('int_value__bases') }}
    where basis = 'hold_out'
),

months as (
    select
        customer_id,
        month,
        customer_margin_amount
    from {{ ref('int_customers__waterfall') }}
),

calendar as (
    select as_of_month
    from {{ ref('int_calendar__as_of') }}
),

earned as (
    select
        months.customer_id,
        cast(sum(months.customer_margin_amount) as double) as actual_margin
    from months
    inner join bases
        on months.month > bases.last_month
    inner join calendar
        on months.month <= calendar.as_of_month
    group by months.customer_id
),

joined as (
    select
        predictions.*,
        coalesce(earned.actual_margin, 0e0) as actual_margin,
        {{ interval_scale('predictions.window_deviation', ['predictions.value_segment', 'predictions.method']) }} as scale,
        row_number() over (partition by predictions.value_segment, predictions.method order by predictions.customer_id) as place
    from predictions
    left join earned
        on predictions.customer_id = earned.customer_id
),

final as (
    select
        customer_id,
        value_segment,
        method,
        expected_purchases_window as predicted_purchases,
        actual_purchase_count as actual_purchases,
        expected_amount_window as predicted_amount,
        actual_amount,
        expected_margin_window as predicted_margin,
        actual_margin,
        low_window as low_margin,
        high_window as high_margin,
        scale,
        (low_window - actual_margin) / nullif(scale, 0) as below_low,
        (actual_margin - high_window) / nullif(scale, 0) as above_high,
        place % 2 as half
    from joined
)

select * from final

with

judged as (
    select * from {{ ref('int_segments__customer_months') }}
),

calendar as (
    select as_of_month
    from {{ ref('int_calendar__as_of') }}
),

final as (
    select
        judged.customer_id,
        judged.month,
        judged.month_end,
        judged.month = calendar.as_of_month as is_current,
        judged.is_complete_month,
        judged.segment_id,
        judged.previous_segment_id,
        judged.status,
        judged.previous_status,
        judged.is_new,
        judged.is_lapsing,
        judged.is_churning,
        judged.is_reactivated,
        judged.last_ordered_on,
        judged.days_since_last_order,
        judged.order_count_12m,
        judged.net_revenue_12m_amount,
        judged.recency_score,
        judged.frequency_score,
        judged.monetary_score,
        judged.recency_score + judged.frequency_score + judged.monetary_score as rfm_score,
        cast(judged.recency_score * 100 + judged.frequency_score * 10 + judged.monetary_score as {{ dbt.type_string() }}) as rfm_code,
        judged.customer_profit_12m_amount,
        judged.profit_rank,
        judged.profit_decile,
        judged.profit_tier,
        judged.months_since_first_order as tenure_months,
        judged.order_count_to_date,
        judged.product_group_count,
        judged.feedback_answer_count,
        judged.feedback_score,
        judged.loyalty_level,
        judged.is_only_after_effects
    from judged
    cross join calendar
)

select * from final

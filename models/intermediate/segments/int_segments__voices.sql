with

feedback as (
    select
        customer_id,
        month,
        count(*) as answer_count,
        sum(feedback_score) as feedback_total
    from {{ ref('int_customers__feedback') }}
    group by
        customer_id,
        month
),

usage as (
    select
        customer_id,
        month,
        count(*) as used_product_count
    from {{ ref('int_customers__usage') }}
    group by
        customer_id,
        month
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

heard as (
    select
        coalesce(feedback.customer_id, usage.customer_id) as customer_id,
        coalesce(feedback.month, usage.month) as month,
        coalesce(feedback.answer_count, 0) as answer_count,
        coalesce(feedback.feedback_total, 0) as feedback_total,
        coalesce(usage.used_product_count, 0) as used_product_count
    from feedback
    full outer join usage
        on feedback.customer_id = usage.customer_id
        and feedback.month = usage.month
),

dated as (
    select
        heard.*,
        heard.customer_id = {{ unattributed_customer() }} as is_unattributed,
        least(heard.month, calendar.last_month) as stamped_month
    from heard
    cross join calendar
),

stamped as (
    select
        dated.*,
        {{ stamped_segment('dated.is_unattributed', 'stamps.segment_id') }} as segment_id
    from dated
    left join stamps
        on dated.customer_id = stamps.customer_id
        and dated.stamped_month = stamps.month
),

final as (
    select
        month,
        segment_id,
        cast(sum(answer_count) as bigint) as feedback_answer_count,
        cast(sum(feedback_total) as decimal(18, 4)) as feedback_total,
        cast(sum(case when used_product_count > 0 and not is_unattributed then 1 else 0 end) as bigint) as using_customer_count,
        cast(sum(used_product_count) as bigint) as used_product_count
    from stamped
    group by
        month,
        segment_id
)

select * from final

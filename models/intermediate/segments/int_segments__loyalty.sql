with

months as (
    select
        customer_id,
        month,
        months_since_first_order,
        order_count
    from {{ ref('int_customers__months') }}
),

product_groups as (
    select
        customer_id,
        month,
        new_product_group_count
    from {{ ref('int_customers__product_group_months') }}
),

answers as (
    select
        customer_id,
        month,
        feedback_score
    from {{ ref('int_customers__feedback') }}
),

levels as (
    select * from {{ ref('loyalty_levels') }}
),

feedback as (
    select
        customer_id,
        month,
        count(*) as answer_count,
        sum(feedback_score) as feedback_total
    from answers
    group by
        customer_id,
        month
),

summed as (
    select
        months.customer_id,
        months.month,
        months.months_since_first_order as tenure_months,
        sum(months.order_count) over ({{ all_months_so_far('months.customer_id', 'months.month') }}) as order_count_to_date,
        sum(coalesce(product_groups.new_product_group_count, 0)) over (
            {{ all_months_so_far('months.customer_id', 'months.month') }}
        ) as product_group_count,
        sum(coalesce(feedback.answer_count, 0)) over ({{ last_twelve_months('months.customer_id', 'months.month') }}) as answer_count,
        sum(coalesce(feedback.feedback_total, 0)) over ({{ last_twelve_months('months.customer_id', 'months.month') }}) as feedback_total
    from months
    left join product_groups
        on months.customer_id = product_groups.customer_id
        and months.month = product_groups.month
    left join feedback
        on months.customer_id = feedback.customer_id
        and months.month = feedback.month
),

measured as (
    select
        *,
        {{ ratio('feedback_total', 'answer_count') }} as feedback_score
    from summed
),

-- Levels are looked up once for each combination of measures, not for each customer and month.
combinations as (
    select distinct
        tenure_months,
        order_count_to_date,
        product_group_count,
        feedback_total,
        answer_count,
        feedback_score
    from measured
),

reached as (
    select
        combinations.tenure_months,
        combinations.order_count_to_date,
        combinations.product_group_count,
        combinations.feedback_total,
        combinations.answer_count,
        max(levels.level_order) as level_order
    from combinations
    inner join levels
        on combinations.tenure_months >= levels.minimum_tenure_months
        and combinations.order_count_to_date >= levels.minimum_order_count
        and combinations.product_group_count >= levels.minimum_product_group_count
        -- Who was not asked is not held back.
        and coalesce(combinations.feedback_score, 1) >= coalesce(levels.minimum_feedback_score, 0)
    group by
        combinations.tenure_months,
        combinations.order_count_to_date,
        combinations.product_group_count,
        combinations.feedback_total,
        combinations.answer_count
),

final as (
    select
        measured.customer_id,
        measured.month,
        cast(measured.tenure_months as integer) as tenure_months,
        cast(measured.order_count_to_date as bigint) as order_count_to_date,
        cast(measured.product_group_count as bigint) as product_group_count,
        cast(measured.answer_count as bigint) as feedback_answer_count,
        measured.feedback_score,
        levels.loyalty_level
    from measured
    inner join reached
        on measured.tenure_months = reached.tenure_months
        and measured.order_count_to_date = reached.order_count_to_date
        and measured.product_group_count = reached.product_group_count
        and measured.feedback_total = reached.feedback_total
        and measured.answer_count = reached.answer_count
    inner join levels
        on reached.level_order = levels.level_order
)

select * from final

with

months as (
    select * from {{ ref('int_customers__months') }}
),

positions as (
    select
        customer_id,
        month,
        customer_profit_12m_amount,
        profit_rank,
        profit_decile,
        profit_tier
    from {{ ref('int_segments__profit_positions') }}
),

behaviour as (
    select * from {{ ref('int_segments__behaviour') }}
),

loyalty as (
    select * from {{ ref('int_segments__loyalty') }}
),

rules as (
    select
        segment_id,
        rule_order,
        statuses,
        maximum_months_since_first_order,
        profit_tiers,
        loyalty_levels,
        minimum_monetary_score
    from {{ ref('segments') }}
    where rule_order is not null
),

described as (
    select
        months.*,
        behaviour.order_count_12m,
        behaviour.net_revenue_12m_amount,
        behaviour.recency_score,
        behaviour.frequency_score,
        behaviour.monetary_score,
        coalesce(positions.customer_profit_12m_amount, 0) as customer_profit_12m_amount,
        positions.profit_rank,
        positions.profit_decile,
        coalesce(positions.profit_tier, 'inactive') as profit_tier,
        loyalty.order_count_to_date,
        loyalty.product_group_count,
        loyalty.feedback_answer_count,
        loyalty.feedback_score,
        loyalty.loyalty_level
    from months
    inner join behaviour
        on months.customer_id = behaviour.customer_id
        and months.month = behaviour.month
    inner join loyalty
        on months.customer_id = loyalty.customer_id
        and months.month = loyalty.month
    left join positions
        on months.customer_id = positions.customer_id
        and months.month = positions.month
),

-- Rules are tried once for each combination of traits, not for each customer and month.
combinations as (
    select distinct
        status,
        months_since_first_order,
        profit_tier,
        loyalty_level,
        monetary_score
    from described
),

applied as (
    select
        combinations.status,
        combinations.months_since_first_order,
        combinations.profit_tier,
        combinations.loyalty_level,
        combinations.monetary_score,
        min(rules.rule_order) as rule_order
    from combinations
    inner join rules
        on {{ is_listed('combinations.status', 'rules.statuses') }}
        and {{ is_listed('combinations.profit_tier', 'rules.profit_tiers') }}
        and {{ is_listed('combinations.loyalty_level', 'rules.loyalty_levels') }}
        and combinations.months_since_first_order <= coalesce(rules.maximum_months_since_first_order, combinations.months_since_first_order)
        and combinations.monetary_score >= coalesce(rules.minimum_monetary_score, 1)
    group by
        combinations.status,
        combinations.months_since_first_order,
        combinations.profit_tier,
        combinations.loyalty_level,
        combinations.monetary_score
),

judged as (
    select
        described.*,
        rules.segment_id
    from described
    inner join applied
        on described.status = applied.status
        and described.months_since_first_order = applied.months_since_first_order
        and described.profit_tier = applied.profit_tier
        and described.loyalty_level = applied.loyalty_level
        and described.monetary_score = applied.monetary_score
    inner join rules
        on applied.rule_order = rules.rule_order
),

final as (
    select
        customer_id,
        month,
        month_end,
        first_order_month,
        months_since_first_order,
        order_count,
        is_new,
        last_ordered_on,
        days_since_last_order,
        status,
        previous_status,
        is_lapsing,
        is_churning,
        is_reactivated,
        is_complete_month,
        order_count_12m,
        net_revenue_12m_amount,
        recency_score,
        frequency_score,
        monetary_score,
        customer_profit_12m_amount,
        profit_rank,
        profit_decile,
        profit_tier,
        order_count_to_date,
        product_group_count,
        feedback_answer_count,
        feedback_score,
        loyalty_level,
        segment_id,
        lag(segment_id) over (partition by customer_id order by month) as previous_segment_id
    from judged
)

select * from final

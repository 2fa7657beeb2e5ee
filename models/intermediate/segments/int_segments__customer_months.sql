with

months as (
    select * from {{ ref('int_customers__months') }}
),

positions as (
    select * from {{ ref('int_segments__profit_positions') }}
),

customers as (
    select
        customer_id,
        customer_kind
    from {{ ref('dim_customer') }}
),

order_lines as (
    select
        customer_id,
        product_id,
        month
    from {{ ref('fct_order_lines') }}
    where order_id is not null
),

products as (
    select
        product_id,
        product_group
    from {{ ref('dim_product') }}
    where {{ is_group_of_products('product_group', 'product_kind') }}
),

levels as (
    select * from {{ ref('loyalty_levels') }}
),

rules as (
    select * from {{ ref('segments') }}
    where rule_order is not null
),

bounds as (
    select
        customer_kind
        {%- for measure in ['recency_days', 'order_count', 'net_revenue_amount'] %}
        {%- for score in [2, 3, 4, 5] %},
        max(case when measure = '{{ measure }}' and score = {{ score }} then bound end) as {{ measure }}_{{ score }}
        {%- endfor %}
        {%- endfor %}
    from {{ ref('rfm_thresholds') }}
    group by customer_kind
),

-- A kind of customer without bounds of its own takes those of any.
kinds as (
    select
        kinds_of_customers.customer_kind,
        coalesce(own_bounds.customer_kind, 'any') as bounds_kind
    from (select distinct customer_kind from customers) as kinds_of_customers
    left join bounds as own_bounds
        on kinds_of_customers.customer_kind = own_bounds.customer_kind
),

-- A product group counts in the month in which the customer first bought it.
first_bought as (
    select
        order_lines.customer_id,
        products.product_group,
        min(order_lines.month) as month
    from order_lines
    inner join products
        on order_lines.product_id = products.product_id
    group by
        order_lines.customer_id,
        products.product_group
),

product_groups as (
    select
        customer_id,
        month,
        count(*) as new_product_group_count
    from first_bought
    group by
        customer_id,
        month
),

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

measured as (
    select
        months.*,
        kinds.bounds_kind,
        coalesce(positions.order_count_12m, 0) as order_count_12m,
        coalesce(positions.net_revenue_12m_amount, 0) as net_revenue_12m_amount,
        coalesce(positions.customer_profit_12m_amount, 0) as customer_profit_12m_amount,
        positions.profit_rank,
        positions.profit_decile,
        coalesce(positions.profit_tier, 'inactive') as profit_tier,
        coalesce(positions.is_only_after_effects, false) as is_only_after_effects,
        sum(months.order_count) over ({{ all_months_so_far('months.customer_id', 'months.month') }}) as order_count_to_date,
        sum(coalesce(product_groups.new_product_group_count, 0)) over (
            {{ all_months_so_far('months.customer_id', 'months.month') }}
        ) as product_group_count,
        sum(coalesce(feedback.answer_count, 0)) over ({{ last_twelve_months('months.customer_id', 'months.month') }}) as feedback_answer_count,
        sum(coalesce(feedback.feedback_total, 0)) over ({{ last_twelve_months('months.customer_id', 'months.month') }}) as feedback_total
    from months
    inner join customers
        on months.customer_id = customers.customer_id
    inner join kinds
        on customers.customer_kind = kinds.customer_kind
    left join positions
        on months.customer_id = positions.customer_id
        and months.month = positions.month
    left join product_groups
        on months.customer_id = product_groups.customer_id
        and months.month = product_groups.month
    left join feedback
        on months.customer_id = feedback.customer_id
        and months.month = feedback.month
),

scored as (
    select
        measured.*,
        {{ ratio('measured.feedback_total', 'measured.feedback_answer_count') }} as feedback_score,
        {{ rfm_score('measured.days_since_last_order', 'bounds', 'recency_days') }} as recency_score,
        {{ rfm_score('measured.order_count_12m', 'bounds', 'order_count') }} as frequency_score,
        {{ rfm_score('measured.net_revenue_12m_amount', 'bounds', 'net_revenue_amount') }} as monetary_score
    from measured
    inner join bounds
        on measured.bounds_kind = bounds.customer_kind
),

-- Levels and rules are tried once for each combination of what they ask for, not for each customer and month.
{%- set asked_by_levels = ['months_since_first_order', 'order_count_to_date', 'product_group_count', 'feedback_total', 'feedback_answer_count'] %}
{%- set asked_by_rules = ['status', 'months_since_first_order', 'profit_tier', 'loyalty_level', 'monetary_score'] %}
reached as (
    select
        measures.{{ asked_by_levels | join(',\n        measures.') }},
        max(levels.level_order) as level_order
    from (select distinct {{ asked_by_levels | join(', ') }}, feedback_score from scored) as measures
    inner join levels
        on measures.months_since_first_order >= levels.minimum_tenure_months
        and measures.order_count_to_date >= levels.minimum_order_count
        and measures.product_group_count >= levels.minimum_product_group_count
        -- Who was not asked is not held back.
        and coalesce(measures.feedback_score, 1) >= coalesce(levels.minimum_feedback_score, 0)
    group by
        measures.{{ asked_by_levels | join(',\n        measures.') }}
),

described as (
    select
        scored.*,
        levels.loyalty_level
    from scored
    inner join reached
        on scored.months_since_first_order = reached.months_since_first_order
        and scored.order_count_to_date = reached.order_count_to_date
        and scored.product_group_count = reached.product_group_count
        and scored.feedback_total = reached.feedback_total
        and scored.feedback_answer_count = reached.feedback_answer_count
    inner join levels
        on reached.level_order = levels.level_order
),

applied as (
    select
        traits.{{ asked_by_rules | join(',\n        traits.') }},
        min(rules.rule_order) as rule_order
    from (select distinct {{ asked_by_rules | join(', ') }} from described) as traits
    inner join rules
        on {{ is_listed('traits.status', 'rules.statuses') }}
        and {{ is_listed('traits.profit_tier', 'rules.profit_tiers') }}
        and {{ is_listed('traits.loyalty_level', 'rules.loyalty_levels') }}
        and traits.months_since_first_order <= coalesce(rules.maximum_months_since_first_order, traits.months_since_first_order)
        and traits.monetary_score >= coalesce(rules.minimum_monetary_score, 1)
    group by
        traits.{{ asked_by_rules | join(',\n        traits.') }}
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
        cast(order_count_12m as bigint) as order_count_12m,
        cast(net_revenue_12m_amount as decimal(18, 4)) as net_revenue_12m_amount,
        recency_score,
        frequency_score,
        monetary_score,
        customer_profit_12m_amount,
        profit_rank,
        profit_decile,
        profit_tier,
        is_only_after_effects,
        cast(order_count_to_date as bigint) as order_count_to_date,
        cast(product_group_count as bigint) as product_group_count,
        cast(feedback_answer_count as bigint) as feedback_answer_count,
        feedback_score,
        loyalty_level,
        segment_id,
        lag(segment_id) over (partition by customer_id order by month) as previous_segment_id
    from judged
)

select * from final

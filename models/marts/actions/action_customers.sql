{%- set amounts = [
    'net_revenue_amount', 'gross_margin_amount', 'cost_to_serve_amount', 'customer_margin_amount', 'customer_profit_amount', 'rebate_leakage_amount',
] -%}

with

profiles as (
    select
        customer_id,
        customer_kind,
        industry,
        size_class,
        tenure_months
    from {{ ref('int_actions__customer_profiles') }}
    where has_ordered
),

calendar as (
    select
        as_of,
        as_of_month
    from {{ ref('int_calendar__as_of') }}
),

statuses as (
    select
        customer_id,
        month,
        status,
        first_order_month,
        last_ordered_on,
        days_since_last_order
    from {{ ref('int_customers__months') }}
),

profitability as (
    select * from {{ ref('customer_profitability') }}
),

stability as (
    select
        customer_id,
        stability
    from {{ ref('profit_stability') }}
),

final as (
    select
        profiles.customer_id,
        calendar.as_of,
        profiles.customer_kind,
        profiles.industry,
        profiles.size_class,
        profitability.segment_id,
        profitability.profit_tier,
        profiles.tenure_months,
        statuses.status,
        statuses.first_order_month,
        statuses.last_ordered_on,
        statuses.days_since_last_order,
        profitability.customer_profit_amount,
        profitability.customer_profit_amount > 0 as is_profitable,
        stability.stability,
        {%- for amount in amounts %}
        profitability.last_12m_{{ amount }},
        {%- endfor %}
        profitability.last_12m_order_count
    from profiles
    cross join calendar
    inner join statuses
        on profiles.customer_id = statuses.customer_id
        and calendar.as_of_month = statuses.month
    inner join profitability
        on profiles.customer_id = profitability.customer_id
    inner join stability
        on profiles.customer_id = stability.customer_id
)

select * from final

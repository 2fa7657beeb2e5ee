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

calendar as (
    select
        as_of,
        as_of_month,
        {{ month_after('as_of_month', -11) }} as first_recent_month
    from {{ ref('int_calendar__as_of') }}
),

months as (
    select * from {{ ref('customer_profitability_monthly') }}
),

stability as (
    select
        customer_id,
        customer_profit_amount,
        stability
    from {{ ref('profit_stability') }}
),

recent as (
    select
        months.customer_id,
        {%- for amount in amounts %}
        sum(months.{{ amount }}) as {{ amount }},
        {%- endfor %}
        sum(months.order_count) as order_count
    from months
    inner join calendar
        on months.month >= calendar.first_recent_month
        and months.month <= calendar.as_of_month
    group by months.customer_id
),

final as (
    select
        profiles.customer_id,
        calendar.as_of,
        profiles.customer_kind,
        profiles.industry,
        profiles.size_class,
        profiles.tenure_months,
        statuses.status,
        statuses.first_order_month,
        statuses.last_ordered_on,
        statuses.days_since_last_order,
        stability.customer_profit_amount,
        stability.customer_profit_amount > 0 as is_profitable,
        stability.stability,
        {%- for amount in amounts %}
        cast(coalesce(recent.{{ amount }}, 0) as decimal(18, 4)) as last_12m_{{ amount }},
        {%- endfor %}
        cast(coalesce(recent.order_count, 0) as bigint) as last_12m_order_count
    from profiles
    cross join calendar
    inner join statuses
        on profiles.customer_id = statuses.customer_id
        and calendar.as_of_month = statuses.month
    inner join stability
        on profiles.customer_id = stability.customer_id
    left join recent
        on profiles.customer_id = recent.customer_id
)

select * from final

with

months as (
    select
        customer_id,
        month,
        days_since_last_order
    from {{ ref('int_customers__months') }}
),

positions as (
    select
        customer_id,
        month,
        order_count_12m,
        net_revenue_12m_amount
    from {{ ref('int_segments__profit_positions') }}
),

customers as (
    select
        customer_id,
        customer_kind
    from {{ ref('dim_customer') }}
),

thresholds as (
    select
        customer_kind,
        measure,
        score,
        bound
    from {{ ref('rfm_thresholds') }}
),

bounds as (
    select
        customer_kind
        {%- for measure in ['recency_days', 'order_count', 'net_revenue_amount'] %}
        {%- for score in [2, 3, 4, 5] %},
        max(case when measure = '{{ measure }}' and score = {{ score }} then bound end) as {{ measure }}_{{ score }}
        {%- endfor %}
        {%- endfor %}
    from thresholds
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

measured as (
    select
        months.customer_id,
        months.month,
        kinds.bounds_kind,
        months.days_since_last_order,
        coalesce(positions.order_count_12m, 0) as order_count_12m,
        coalesce(positions.net_revenue_12m_amount, 0) as net_revenue_12m_amount
    from months
    inner join customers
        on months.customer_id = customers.customer_id
    inner join kinds
        on customers.customer_kind = kinds.customer_kind
    left join positions
        on months.customer_id = positions.customer_id
        and months.month = positions.month
),

final as (
    select
        measured.customer_id,
        measured.month,
        cast(measured.order_count_12m as bigint) as order_count_12m,
        cast(measured.net_revenue_12m_amount as decimal(18, 4)) as net_revenue_12m_amount,
        {{ rfm_score('measured.days_since_last_order', 'bounds', 'recency_days') }} as recency_score,
        {{ rfm_score('measured.order_count_12m', 'bounds', 'order_count') }} as frequency_score,
        {{ rfm_score('measured.net_revenue_12m_amount', 'bounds', 'net_revenue_amount') }} as monetary_score
    from measured
    inner join bounds
        on measured.bounds_kind = bounds.customer_kind
)

select * from final

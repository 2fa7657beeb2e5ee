{%- set windows = profitability_windows() -%}

with

customers as (
    select
        customer_id,
        customer_kind,
        industry,
        size_class,
        country_code,
        parent_customer_id,
        territory_id,
        sales_rep_id,
        is_unattributed
    from {{ ref('dim_customer') }}
    -- Who never bought is no customer yet; what was spent on them is acquisition.
    where not is_prospect
),

months as (
    select * from {{ ref('customer_profitability_monthly') }}
),

calendar as (
    select as_of_month
    from {{ ref('int_calendar__as_of') }}
),

products as (
    select * from {{ ref('int_customers__products') }}
),

referrals as (
    select * from {{ ref('int_customers__referrals') }}
),

stamps as (
    select
        customer_id,
        segment_id,
        profit_tier
    from {{ ref('int_segments__stamps') }}
    where is_current
),

totals as (
    select
        months.customer_id,
        {%- for prefix, condition in windows.items() %}
        {%- for column in ['order_count'] + waterfall_amounts() %}
        sum({{ 'case when ' ~ condition ~ ' then months.' ~ column ~ ' else 0 end' if condition else 'months.' ~ column }}) as {{ prefix }}{{ column }},
        {%- endfor %}
        {%- endfor %}
        sum(case when months.is_ordering then 1 else 0 end) as ordering_month_count
    from months
    cross join calendar
    group by months.customer_id
),

-- Ranked are known customers with a transaction: nobody is better than a loss by having done nothing.
ranks as (
    select
        totals.customer_id,
        rank() over (order by totals.customer_profit_amount desc) as profit_rank,
        rank() over (order by totals.net_revenue_amount desc) as revenue_rank
    from totals
    inner join customers
        on totals.customer_id = customers.customer_id
    where not customers.is_unattributed
),

final as (
    select
        customers.customer_id,
        customers.is_unattributed,
        customers.customer_kind,
        customers.industry,
        customers.size_class,
        customers.country_code,
        customers.parent_customer_id,
        customers.territory_id,
        customers.sales_rep_id,
        {{ stamped_segment('customers.is_unattributed', 'stamps.segment_id') }} as segment_id,
        {{ stamped_tier('customers.is_unattributed', 'stamps.profit_tier') }} as profit_tier,
        cast(ranks.profit_rank as bigint) as profit_rank,
        cast(ranks.revenue_rank as bigint) as revenue_rank,
        {%- for prefix in windows %}
        {%- set order_count = prefix ~ 'order_count' %}
        cast(coalesce(totals.{{ order_count }}, 0) as bigint) as {{ order_count }},
        {%- for column in waterfall_amounts() %}
        {%- set amount = prefix ~ column %}
        cast(coalesce(totals.{{ amount }}, 0) as decimal(18, 4)) as {{ amount }},
        {%- endfor %}
        {%- endfor %}
        products.first_ordered_on,
        products.last_ordered_on,
        cast(coalesce(totals.ordering_month_count, 0) as bigint) as ordering_month_count,
        coalesce(products.product_count, 0) as product_count,
        coalesce(products.product_group_count, 0) as product_group_count,
        products.account_penetration,
        products.product_adoption,
        coalesce(referrals.referral_count, 0) as referral_count,
        coalesce(referrals.referred_customer_count, 0) as referred_customer_count,
        coalesce(referrals.reference_count, 0) as reference_count
    from customers
    left join totals
        on customers.customer_id = totals.customer_id
    left join ranks
        on customers.customer_id = ranks.customer_id
    left join products
        on customers.customer_id = products.customer_id
    left join referrals
        on customers.customer_id = referrals.customer_id
    left join stamps
        on customers.customer_id = stamps.customer_id
)

select * from final

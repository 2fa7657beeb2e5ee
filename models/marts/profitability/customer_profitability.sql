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
        sales_rep_id
        {{- extension_columns(ref('dim_customer')) }},
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

-- One row, whatever is known.
looked_from as (
    select max(as_of) as as_of
    from {{ ref('int_calendar__as_of') }}
),

order_lines as (
    select
        customer_id,
        product_id,
        order_id,
        ordered_on
    from {{ ref('fct_order_lines') }}
),

products as (
    select
        product_id,
        product_group,
        product_kind
    from {{ ref('dim_product') }}
),

used as (
    select distinct
        customer_id,
        product_id
    from {{ ref('int_customers__usage') }}
),

referrals as (
    select * from {{ ref('int_customers__referral_events') }}
),

-- Whoever is brought in counts once it has ordered.
ordering as (
    select distinct customer_id
    from {{ ref('int_customers__months') }}
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

-- Only of articles whose use is measured at all can be said that they are not used.
measured as (
    select distinct product_id
    from used
),

bought as (
    select
        customer_id,
        product_id,
        min(ordered_on) as first_ordered_on,
        max(ordered_on) as last_ordered_on,
        max(case when order_id is not null then 1 else 0 end) = 1 as is_ordered
    from order_lines
    group by
        customer_id,
        product_id
),

described as (
    select
        bought.customer_id,
        bought.product_id,
        bought.first_ordered_on,
        bought.last_ordered_on,
        stamps.segment_id,
        case
            when bought.is_ordered and products.product_kind <> 'fee' and bought.product_id <> {{ unknown_member() }} then bought.product_id
        end as counted_product_id,
        case
            when bought.is_ordered and {{ is_group_of_products('products.product_group', 'products.product_kind') }} then products.product_group
        end as product_group,
        case when bought.is_ordered then measured.product_id end as measured_product_id,
        case when bought.is_ordered then used.product_id end as used_product_id
    from bought
    inner join products
        on bought.product_id = products.product_id
    left join stamps
        on bought.customer_id = stamps.customer_id
    left join measured
        on bought.product_id = measured.product_id
    left join used
        on bought.customer_id = used.customer_id
        and bought.product_id = used.product_id
),

segment_groups as (
    select
        segment_id,
        count(distinct product_group) as segment_product_group_count
    from described
    where segment_id is not null
    group by segment_id
),

breadth as (
    select
        customer_id,
        max(segment_id) as segment_id,
        min(first_ordered_on) as first_ordered_on,
        max(last_ordered_on) as last_ordered_on,
        count(counted_product_id) as product_count,
        count(distinct product_group) as product_group_count,
        count(measured_product_id) as measured_product_count,
        count(used_product_id) as used_product_count
    from described
    group by customer_id
),

referral_counts as (
    select
        referrals.customer_id,
        cast(sum(case when referrals.is_reference then 0 else 1 end) as bigint) as referral_count,
        cast(sum(case when referrals.is_reference then 1 else 0 end) as bigint) as reference_count,
        count(distinct case when not referrals.is_reference then ordering.customer_id end) as referred_customer_count
    from referrals
    left join ordering
        on referrals.referred_customer_id = ordering.customer_id
    group by referrals.customer_id
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
        looked_from.as_of,
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
        breadth.first_ordered_on,
        breadth.last_ordered_on,
        cast(coalesce(totals.ordering_month_count, 0) as bigint) as ordering_month_count,
        coalesce(breadth.product_count, 0) as product_count,
        coalesce(breadth.product_group_count, 0) as product_group_count,
        {{ ratio('breadth.product_group_count', 'segment_groups.segment_product_group_count') }} as account_penetration,
        {{ ratio('breadth.used_product_count', 'breadth.measured_product_count') }} as product_adoption,
        coalesce(referral_counts.referral_count, 0) as referral_count,
        coalesce(referral_counts.referred_customer_count, 0) as referred_customer_count
        {{- extension_columns(ref('dim_customer'), alias='customers') }},
        coalesce(referral_counts.reference_count, 0) as reference_count
    from customers
    cross join looked_from
    left join totals
        on customers.customer_id = totals.customer_id
    left join ranks
        on customers.customer_id = ranks.customer_id
    left join breadth
        on customers.customer_id = breadth.customer_id
    left join segment_groups
        on breadth.segment_id = segment_groups.segment_id
    left join referral_counts
        on customers.customer_id = referral_counts.customer_id
    left join stamps
        on customers.customer_id = stamps.customer_id
)

select * from final

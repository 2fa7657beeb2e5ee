with

customers as (
    select
        customer_id,
        first_order_month,
        media_source
    from {{ ref('customer_acquisition') }}
),

customer_months as (
    select * from {{ ref('int_customers__months') }}
),

profits as (
    select * from {{ ref('customer_profitability_monthly') }}
),

performance as (
    select
        month,
        media_source,
        cac_amount
    from {{ ref('media_source_performance_monthly') }}
),

calendar as (
    select
        as_of_month,
        last_month
    from {{ ref('int_calendar__as_of') }}
),

lifetime_values as (
    select
        customer_id,
        expected_value_amount,
        lifetime_value_amount
    from {{ ref('customer_lifetime_value') }}
),

stamps as (
    select
        customer_id,
        month,
        segment_id
    from {{ ref('int_segments__stamps') }}
),

-- A customer won after the last complete month is in the segment of its first.
judged as (
    select
        customers.customer_id,
        customers.first_order_month,
        customers.media_source,
        greatest(customers.first_order_month, calendar.as_of_month) as judged_month
    from customers
    cross join calendar
),

members as (
    select
        judged.customer_id,
        judged.first_order_month,
        judged.media_source,
        {{ stamped_segment('false', 'stamps.segment_id') }} as segment_id
    from judged
    left join stamps
        on judged.customer_id = stamps.customer_id
        and judged.judged_month = stamps.month
),

valued as (
    select
        members.first_order_month,
        members.media_source,
        members.segment_id,
        sum(lifetime_values.expected_value_amount) as expected_value_amount,
        sum(lifetime_values.lifetime_value_amount) as lifetime_value_amount
    from members
    inner join lifetime_values
        on members.customer_id = lifetime_values.customer_id
    group by
        members.first_order_month,
        members.media_source,
        members.segment_id
),

counted as (
    select
        members.first_order_month,
        members.media_source,
        members.segment_id,
        customer_months.months_since_first_order,
        min(customer_months.month) as month,
        count(*) as customer_count,
        sum(case when customer_months.order_count > 0 then 1 else 0 end) as ordering_customer_count,
        sum(case when customer_months.status = 'active' then 1 else 0 end) as active_customer_count,
        sum(case when customer_months.status = 'lapsed' then 1 else 0 end) as lapsed_customer_count,
        sum(case when customer_months.status = 'churned' then 1 else 0 end) as churned_customer_count,
        sum(customer_months.order_count) as order_count
    from members
    inner join customer_months
        on members.customer_id = customer_months.customer_id
    group by
        members.first_order_month,
        members.media_source,
        members.segment_id,
        customer_months.months_since_first_order
),

-- What came before the first order counts in its month, what came after the last month of orders in that one, so that a cohort has
-- all money of its customers.
dated as (
    select
        members.first_order_month,
        members.media_source,
        members.segment_id,
        greatest(members.first_order_month, least(profits.month, calendar.last_month)) as counted_month,
        profits.net_revenue_amount,
        profits.customer_margin_amount,
        profits.customer_profit_amount
    from members
    inner join profits
        on members.customer_id = profits.customer_id
    cross join calendar
),

summed as (
    select
        first_order_month,
        media_source,
        segment_id,
        counted_month,
        sum(net_revenue_amount) as net_revenue_amount,
        sum(customer_margin_amount) as customer_margin_amount,
        sum(customer_profit_amount) as customer_profit_amount
    from dated
    group by
        first_order_month,
        media_source,
        segment_id,
        counted_month
),

earned as (
    select
        *,
        {{ dbt.datediff('first_order_month', 'counted_month', 'month') }} as age
    from summed
),

joined as (
    select
        counted.*,
        coalesce(earned.net_revenue_amount, 0) as net_revenue_amount,
        coalesce(earned.customer_margin_amount, 0) as customer_margin_amount,
        coalesce(earned.customer_profit_amount, 0) as customer_profit_amount,
        performance.cac_amount,
        coalesce(valued.expected_value_amount, 0) as expected_value_amount,
        coalesce(valued.lifetime_value_amount, 0) as lifetime_value_amount,
        counted.month > calendar.as_of_month as is_incomplete_month
    from counted
    cross join calendar
    left join performance
        on counted.first_order_month = performance.month
        and counted.media_source = performance.media_source
    left join valued
        on counted.first_order_month = valued.first_order_month
        and counted.media_source = valued.media_source
        and counted.segment_id = valued.segment_id
    left join earned
        on counted.first_order_month = earned.first_order_month
        and counted.media_source = earned.media_source
        and counted.segment_id = earned.segment_id
        and counted.months_since_first_order = earned.age
),

cumulated as (
    select
        *,
        sum(net_revenue_amount) over so_far as cumulative_net_revenue_amount,
        sum(customer_margin_amount) over so_far as cumulative_customer_margin_amount,
        sum(customer_profit_amount) over so_far as cumulative_customer_profit_amount
    from joined
    window so_far as (
        partition by first_order_month, media_source, segment_id
        order by months_since_first_order
        rows between unbounded preceding and current row
    )
),

final as (
    select
        first_order_month,
        media_source,
        segment_id,
        months_since_first_order,
        month,
        cast(customer_count as bigint) as customer_count,
        cast(ordering_customer_count as bigint) as ordering_customer_count,
        cast(active_customer_count as bigint) as active_customer_count,
        cast(lapsed_customer_count as bigint) as lapsed_customer_count,
        cast(churned_customer_count as bigint) as churned_customer_count,
        cast(order_count as bigint) as order_count,
        cast(active_customer_count as double) / nullif(customer_count, 0) as retention_rate,
        cast(churned_customer_count as double) / nullif(customer_count, 0) as churn_rate,
        cast(ordering_customer_count as double) / nullif(customer_count, 0) as repeat_rate,
        cast(net_revenue_amount as {{ money_total() }}) as net_revenue_amount,
        cast(customer_margin_amount as {{ money_total() }}) as customer_margin_amount,
        cast(customer_profit_amount as {{ money_total() }}) as customer_profit_amount,
        cast(cumulative_net_revenue_amount as {{ money_total() }}) as cumulative_net_revenue_amount,
        cast(cumulative_customer_margin_amount as {{ money_total() }}) as cumulative_customer_margin_amount,
        cast(cumulative_customer_profit_amount as {{ money_total() }}) as cumulative_customer_profit_amount,
        {{ amount_per_customer('cumulative_net_revenue_amount', 'customer_count') }} as cumulative_net_revenue_per_customer_amount,
        {{ amount_per_customer('cumulative_customer_margin_amount', 'customer_count') }} as cumulative_customer_margin_per_customer_amount,
        {{ amount_per_customer('cumulative_customer_profit_amount', 'customer_count') }} as cumulative_customer_profit_per_customer_amount,
        cac_amount,
        cast(expected_value_amount as {{ money_total() }}) as expected_value_amount,
        cast(lifetime_value_amount as {{ money_total() }}) as lifetime_value_amount,
        {{ amount_per_customer('lifetime_value_amount', 'customer_count') }} as lifetime_value_per_customer_amount,
        is_incomplete_month
    from cumulated
)

select * from final

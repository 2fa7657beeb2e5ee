{%- set amounts = plan_lines().values() | list -%}
{%- set later = [
    'cost_of_goods_amount', 'commission_amount', 'payment_fee_amount', 'freight_amount', 'lead_fee_amount', 'cost_to_serve_amount'
] -%}

with

cells as (
    select * from {{ ref('int_planning__cells') }}
),

settings as (
    select {{ normal_quantile('((1 + ' ~ value_setting('interval_level') ~ ') / 2)') }} as normal_width
),

summed as (
    select
        scenario_id,
        month,
        cohort_kind,
        segment_id,
        channel_id,
        media_source,
        sum(customers) as customers,
        sum(new_customers) as new_customers,
        sum(orders) as orders,
        sum(active_customers) as active_customers,
        {%- for amount in amounts %}
        sum({{ amount }}) as {{ amount }},
        {%- endfor %}
        sqrt(sum(variance)) as deviation
    from cells
    group by
        scenario_id,
        month,
        cohort_kind,
        segment_id,
        channel_id,
        media_source
),

margins as (
    select
        *,
        gross_sales_amount - discount_amount - rebate_amount - return_amount as net_revenue_amount,
        commission_amount + payment_fee_amount + freight_amount + lead_fee_amount as direct_selling_cost_amount
    from summed
),

ranged as (
    select
        margins.*,
        margins.net_revenue_amount - margins.cost_of_goods_amount - margins.direct_selling_cost_amount - margins.cost_to_serve_amount
            as customer_margin_amount,
        {{ rounded_to_cents('settings.normal_width * margins.deviation', money_total()) }} as half_width
    from margins
    cross join settings
),

final as (
    select
        scenario_id,
        month,
        cohort_kind,
        segment_id,
        channel_id,
        media_source,
        round(customers, 6) as customers,
        round(new_customers, 6) as new_customers,
        round(active_customers, 6) as active_customers,
        round(orders, 6) as orders,
        {%- for amount in amounts if amount not in later %}
        cast({{ amount }} as {{ money_total() }}) as {{ amount }},
        {%- endfor %}
        cast(net_revenue_amount as {{ money_total() }}) as net_revenue_amount,
        cast(cost_of_goods_amount as {{ money_total() }}) as cost_of_goods_amount,
        cast(net_revenue_amount - cost_of_goods_amount as {{ money_total() }}) as gross_margin_amount,
        cast(direct_selling_cost_amount as {{ money_total() }}) as direct_selling_cost_amount,
        cast(
            net_revenue_amount - cost_of_goods_amount - direct_selling_cost_amount as {{ money_total() }}
        ) as contribution_margin_amount,
        cast(cost_to_serve_amount as {{ money_total() }}) as cost_to_serve_amount,
        cast(customer_margin_amount as {{ money_total() }}) as customer_margin_amount,
        cast(customer_margin_amount - half_width as {{ money_total() }}) as low_amount,
        cast(customer_margin_amount + half_width as {{ money_total() }}) as high_amount
    from ranged
)

select * from final

{%- set amounts = plan_lines().values() | list -%}

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

final as (
    select
        margins.scenario_id,
        margins.month,
        margins.cohort_kind,
        margins.segment_id,
        margins.channel_id,
        margins.media_source,
        round(margins.customers, 6) as customers,
        round(margins.new_customers, 6) as new_customers,
        round(margins.active_customers, 6) as active_customers,
        round(margins.orders, 6) as orders,
        {%- for amount in amounts if amount not in ['cost_of_goods_amount', 'commission_amount', 'payment_fee_amount', 'freight_amount', 'lead_fee_amount', 'cost_to_serve_amount'] %}
        cast(margins.{{ amount }} as {{ money_total() }}) as {{ amount }},
        {%- endfor %}
        cast(margins.net_revenue_amount as {{ money_total() }}) as net_revenue_amount,
        cast(margins.cost_of_goods_amount as {{ money_total() }}) as cost_of_goods_amount,
        cast(margins.net_revenue_amount - margins.cost_of_goods_amount as {{ money_total() }}) as gross_margin_amount,
        cast(margins.direct_selling_cost_amount as {{ money_total() }}) as direct_selling_cost_amount,
        cast(
            margins.net_revenue_amount - margins.cost_of_goods_amount - margins.direct_selling_cost_amount as {{ money_total() }}
        ) as contribution_margin_amount,
        cast(margins.cost_to_serve_amount as {{ money_total() }}) as cost_to_serve_amount,
        cast(
            margins.net_revenue_amount - margins.cost_of_goods_amount - margins.direct_selling_cost_amount - margins.cost_to_serve_amount
            as {{ money_total() }}
        ) as customer_margin_amount,
        {%- for bound, sign in {'low': '-', 'high': '+'}.items() %}
        cast(
            margins.net_revenue_amount - margins.cost_of_goods_amount - margins.direct_selling_cost_amount - margins.cost_to_serve_amount
            {{ sign }} {{ rounded_to_cents('settings.normal_width * margins.deviation', money_total()) }} as {{ money_total() }}
        ) as {{ bound }}_amount
        {{- ',' if not loop.last }}
        {%- endfor %}
    from margins
    cross join settings
)

select * from final

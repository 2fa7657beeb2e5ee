{%- set amounts = waterfall_amounts() -%}

with

customers as (
    select
        customer_id,
        customer_kind,
        industry,
        size_class,
        country_code,
        ultimate_parent_customer_id,
        has_parent_cycle,
        is_unattributed
    from {{ ref('dim_customer') }}
),

profitability as (
    select * from {{ ref('customer_profitability') }}
),

totals as (
    select
        customers.ultimate_parent_customer_id,
        count(*) as member_count,
        max(case when customers.has_parent_cycle then 1 else 0 end) = 1 as has_parent_cycle,
        {%- for amount in amounts %}
        sum(profitability.{{ amount }}) as {{ amount }},
        {%- endfor %}
        min(profitability.first_ordered_on) as first_ordered_on,
        max(profitability.last_ordered_on) as last_ordered_on,
        sum(profitability.order_count) as order_count
    from customers
    inner join profitability
        on customers.customer_id = profitability.customer_id
    group by customers.ultimate_parent_customer_id
),

final as (
    select
        totals.ultimate_parent_customer_id,
        customers.is_unattributed,
        customers.customer_kind,
        customers.industry,
        customers.size_class,
        customers.country_code,
        totals.member_count,
        totals.has_parent_cycle,
        {%- for amount in amounts %}
        cast(totals.{{ amount }} as {{ money_total() }}) as {{ amount }},
        {%- endfor %}
        totals.first_ordered_on,
        totals.last_ordered_on,
        cast(totals.order_count as bigint) as order_count
    from totals
    inner join customers
        on totals.ultimate_parent_customer_id = customers.customer_id
)

select * from final

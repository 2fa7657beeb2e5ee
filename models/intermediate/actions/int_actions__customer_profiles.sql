with

customers as (
    select
        customer_id,
        customer_kind,
        industry,
        size_class,
        region,
        country_code,
        territory_id,
        sales_rep_id,
        is_prospect
    from {{ ref('dim_customer') }}
    where not is_unattributed
),

order_lines as (
    select
        customer_id,
        order_id,
        channel_id,
        ordered_on,
        month
    from {{ ref('fct_order_lines') }}
),

purchases as (
    select
        customer_id,
        count(*) as product_group_count
    from {{ ref('int_actions__purchases') }}
    group by customer_id
),

media_sources as (
    select
        customer_id,
        lead_id,
        media_source
    from {{ ref('int_actions__media_sources') }}
),

service_reps as (
    select
        customer_id,
        service_rep_id
    from {{ ref('int_actions__service_reps') }}
),

calendar as (
    select as_of_month
    from {{ ref('int_calendar__as_of') }}
),

ordered as (
    select
        order_lines.customer_id,
        order_lines.channel_id,
        order_lines.month,
        calendar.as_of_month,
        row_number() over (
            partition by order_lines.customer_id
            order by order_lines.ordered_on, order_lines.order_id, order_lines.channel_id
        ) as line_rank
    from order_lines
    inner join calendar
        on order_lines.month <= calendar.as_of_month
    where order_lines.order_id is not null
),

first_orders as (
    select
        customer_id,
        channel_id,
        {{ dbt.datediff('month', 'as_of_month', 'month') }} as tenure_months
    from ordered
    where line_rank = 1
),

final as (
    select
        customers.customer_id,
        customers.is_prospect,
        first_orders.customer_id is not null as has_ordered,
        customers.customer_kind,
        customers.industry,
        customers.size_class,
        customers.country_code,
        case when customers.region is not null then coalesce(customers.country_code || '/', '') || customers.region end as region,
        nullif(customers.territory_id, {{ unknown_member() }}) as territory_id,
        nullif(customers.sales_rep_id, {{ unknown_member() }}) as sales_rep_id,
        service_reps.service_rep_id,
        nullif(first_orders.channel_id, {{ unknown_member() }}) as first_channel_id,
        media_sources.lead_id as first_lead_id,
        media_sources.media_source,
        cast(coalesce(purchases.product_group_count, 0) as integer) as product_group_count,
        cast(first_orders.tenure_months as integer) as tenure_months
    from customers
    left join first_orders
        on customers.customer_id = first_orders.customer_id
    left join purchases
        on customers.customer_id = purchases.customer_id
    left join media_sources
        on customers.customer_id = media_sources.customer_id
    left join service_reps
        on customers.customer_id = service_reps.customer_id
)

select * from final

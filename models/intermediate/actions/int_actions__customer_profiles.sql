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

calendar as (
    select as_of_month
    from {{ ref('int_calendar__as_of') }}
),

leads as (
    select
        lead_id,
        customer_id,
        media_source,
        came_on
    from {{ ref('int_marketing__leads') }}
    where customer_id <> {{ unattributed_customer() }}
),

credits as (
    select
        customer_id,
        media_source
    from {{ ref('int_marketing__acquisition_credits') }}
    where attribution_model = 'first_touch'
),

ranked_leads as (
    select
        *,
        row_number() over (partition by customer_id order by came_on, lead_id) as lead_rank
    from leads
),

first_leads as (
    select
        customer_id,
        lead_id,
        media_source
    from ranked_leads
    where lead_rank = 1
),

media_sources as (
    select
        coalesce(credits.customer_id, first_leads.customer_id) as customer_id,
        first_leads.lead_id,
        -- Who has not ordered has no touch before its first order: its first lead says.
        nullif(coalesce(credits.media_source, first_leads.media_source), {{ unknown_member() }}) as media_source
    from credits
    full outer join first_leads
        on credits.customer_id = first_leads.customer_id
),

tickets as (
    select
        source_system,
        customer_source_system,
        customer_id as source_customer_id,
        sales_rep_id
    from {{ ref('stg_service__tickets') }}
),

crosswalk as (
    select
        source_system,
        source_customer_id,
        customer_id
    from {{ ref('customer_crosswalk') }}
    where record_kind = 'customer'
),

sales_rep_keys as (
    select * from {{ ref('int_references__keys') }}
    where entity = 'sales_rep'
),

solved as (
    select
        crosswalk.customer_id,
        {{ referred_id('sales_rep_keys') }} as service_rep_id,
        count(*) as ticket_count
    from tickets
    inner join crosswalk
        on tickets.customer_source_system = crosswalk.source_system
        and tickets.source_customer_id = crosswalk.source_customer_id
    {{ resolve_reference('sales_rep_keys', 'tickets.sales_rep_id', 'tickets.source_system') }}
    where {{ referred_id('sales_rep_keys') }} is not null
    group by
        crosswalk.customer_id,
        {{ referred_id('sales_rep_keys') }}
),

ranked_service_reps as (
    select
        *,
        row_number() over (partition by customer_id order by ticket_count desc, service_rep_id asc) as ticket_rank
    from solved
),

-- Who handled most of the tickets, the first by key among equals.
service_reps as (
    select
        customer_id,
        service_rep_id
    from ranked_service_reps
    where ticket_rank = 1
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

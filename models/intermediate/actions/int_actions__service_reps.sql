with

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
    from {{ ref('int_identity__customer_records') }}
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

ranked as (
    select
        *,
        row_number() over (partition by customer_id order by ticket_count desc, service_rep_id asc) as ticket_rank
    from solved
),

final as (
    select
        customer_id,
        service_rep_id,
        ticket_count
    from ranked
    where ticket_rank = 1
)

select * from final

with

leads as (
    select
        source_system,
        lead_id,
        coalesce(created_on, delivered_on) as came_on
    from {{ ref('stg_marketing__leads') }}
    where coalesce(status, 'open') not in ('lost', 'converted')
),

lead_records as (
    select
        source_system,
        lead_id,
        customer_id
    from {{ ref('int_identity__lead_records') }}
    where is_prospect
),

ranked as (
    select
        lead_records.customer_id,
        {{ conformed_key('leads.source_system', 'leads.lead_id') }} as lead_id,
        leads.came_on,
        row_number() over (
            partition by lead_records.customer_id
            order by leads.came_on desc, leads.source_system asc, leads.lead_id asc
        ) as lead_rank
    from leads
    inner join lead_records
        on leads.source_system = lead_records.source_system
        and leads.lead_id = lead_records.lead_id
),

final as (
    select
        customer_id,
        lead_id,
        came_on
    from ranked
    where lead_rank = 1
)

select * from final

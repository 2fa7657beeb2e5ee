with

leads as (
    select
        customer_id,
        lead_id,
        came_on
    from {{ ref('int_marketing__leads') }}
    where
        is_prospect
        and customer_id <> {{ unattributed_customer() }}
        and coalesce(status, 'open') not in ('lost', 'converted')
),

ranked as (
    select
        *,
        row_number() over (partition by customer_id order by came_on desc, lead_id asc) as lead_rank
    from leads
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

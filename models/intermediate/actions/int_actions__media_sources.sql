with

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

ranked as (
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
    from ranked
    where lead_rank = 1
),

final as (
    select
        coalesce(credits.customer_id, first_leads.customer_id) as customer_id,
        first_leads.lead_id,
        -- Who has not ordered has no touch before its first order: its first lead says.
        nullif(coalesce(credits.media_source, first_leads.media_source), {{ unknown_member() }}) as media_source
    from credits
    full outer join first_leads
        on credits.customer_id = first_leads.customer_id
)

select * from final

with

final as (
    {{ feed_coverage('stg_service__tickets', 'service.tickets', 'opened_on') }}

    union all

    {{ feed_coverage('stg_service__warranty_claims', 'service.warranty_claims', 'claimed_on') }}

    union all

    {{ feed_coverage('stg_service__product_usage', 'service.product_usage', 'used_on') }}

    union all

    {{ feed_coverage('stg_service__surveys', 'service.surveys', 'answered_on') }}
)

select * from final

with

final as (
    {{ feed_coverage('stg_crm__opportunities', 'crm.opportunities', 'opened_on') }}

    union all

    {{ feed_coverage('stg_crm__opportunity_events', 'crm.opportunity_events', 'occurred_on') }}

    union all

    {{ feed_coverage('stg_crm__interactions', 'crm.interactions', 'occurred_on') }}
)

select * from final

with

final as (
    {{ feed_coverage('stg_crm__customers', 'crm.customers', 'created_on') }}

    union all

    {{ feed_coverage('stg_crm__customer_links', 'crm.customer_links', 'decided_on') }}

    union all

    {{ feed_coverage('stg_crm__sales_reps', 'crm.sales_reps') }}

    union all

    {{ feed_coverage('stg_crm__territories', 'crm.territories') }}

    union all

    {{ feed_coverage('stg_crm__referrals', 'crm.referrals', 'referred_on') }}
)

select * from final

with

versions as (
    select * from {{ source('crm', 'referrals') }}
),

newest as (
    {{ newest_version('versions', ['referral_id']) }}
),

final as (
    select
        source_system,
        referral_id,
        customer_id,
        coalesce(customer_source_system, source_system) as customer_source_system,
        referred_customer_id,
        coalesce(referred_customer_source_system, source_system) as referred_customer_source_system,
        referred_lead_id,
        referred_on,
        coalesce(is_reference, false) as is_reference
        {{- extension_columns(source('crm', 'referrals')) }},
        delivered_on
    from newest
)

select * from final

with

referrals as (
    select * from {{ ref('stg_crm__referrals') }}
),

crosswalk as (
    select
        source_system,
        source_customer_id,
        customer_id
    from {{ ref('customer_crosswalk') }}
    where record_kind = 'customer'
),

leads as (
    select
        lead_id,
        customer_id
    from {{ ref('int_marketing__leads') }}
),

lead_keys as (
    select * from {{ ref('int_references__keys') }}
    where entity = 'lead'
),

final as (
    select
        {{ conformed_key('referrals.source_system', 'referrals.referral_id') }} as referral_id,
        referrers.customer_id,
        -- Two records of one customer that refer to each other brought nobody in.
        nullif(coalesce(referred_records.customer_id, leads.customer_id), referrers.customer_id) as referred_customer_id,
        {{ counted_day('referrals.referred_on', 'referrals.delivered_on') }} as referred_on,
        referrals.is_reference
    from referrals
    inner join crosswalk as referrers
        on referrals.customer_source_system = referrers.source_system
        and referrals.customer_id = referrers.source_customer_id
    left join crosswalk as referred_records
        on referrals.referred_customer_source_system = referred_records.source_system
        and referrals.referred_customer_id = referred_records.source_customer_id
    {{ resolve_reference('lead_keys', 'referrals.referred_lead_id', 'referrals.source_system') }}
    left join leads
        on {{ referred_id('lead_keys') }} = leads.lead_id
)

select * from final

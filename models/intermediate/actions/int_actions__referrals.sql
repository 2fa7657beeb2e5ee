with

referrals as (
    select * from {{ ref('stg_crm__referrals') }}
),

crosswalk as (
    select
        source_system,
        source_customer_id,
        customer_id
    from {{ ref('int_identity__customer_records') }}
),

leads as (
    select
        source_system,
        lead_id
    from {{ ref('stg_marketing__leads') }}
),

lead_records as (
    select
        source_system,
        lead_id,
        customer_id
    from {{ ref('int_identity__lead_records') }}
),

calendar as (
    select as_of
    from {{ ref('int_calendar__as_of') }}
),

lead_keys as (
    {{ reference_keys('leads', 'lead_id') }}
),

final as (
    select
        {{ conformed_key('referrals.source_system', 'referrals.referral_id') }} as referral_id,
        referrers.customer_id,
        coalesce(referred_records.customer_id, lead_records.customer_id) as referred_customer_id,
        referrals.referred_on,
        referrals.is_reference
    from referrals
    inner join calendar
        on referrals.referred_on <= calendar.as_of
    inner join crosswalk as referrers
        on referrals.customer_source_system = referrers.source_system
        and referrals.customer_id = referrers.source_customer_id
    left join crosswalk as referred_records
        on referrals.referred_customer_source_system = referred_records.source_system
        and referrals.referred_customer_id = referred_records.source_customer_id
    left join lead_keys
        on {{ refers_to('lead_keys', 'referrals.referred_lead_id', 'referrals.source_system') }}
    left join lead_records
        on lead_keys.conformed_id = {{ conformed_key('lead_records.source_system', 'lead_records.lead_id') }}
)

select * from final

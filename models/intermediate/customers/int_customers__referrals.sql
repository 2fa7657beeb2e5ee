with

referrals as (
    select * from {{ ref('stg_crm__referrals') }}
),

customer_records as (
    select
        source_system,
        source_customer_id,
        customer_id
    from {{ ref('int_identity__customer_records') }}
),

lead_records as (
    select
        source_system,
        lead_id,
        customer_id
    from {{ ref('int_identity__lead_records') }}
),

lead_keys as (
    select
        {{ conformed_key('source_system', 'lead_id') }} as lead_key,
        customer_id
    from lead_records
),

lead_references as (
    {{ reference_keys('lead_records', 'lead_id') }}
),

orders as (
    select distinct customer_id
    from {{ ref('int_customers__months') }}
),

brought_in as (
    select
        referring.customer_id,
        referrals.is_reference,
        coalesce(referred.customer_id, lead_keys.customer_id) as referred_customer_id
    from referrals
    inner join customer_records as referring
        on referrals.customer_source_system = referring.source_system
        and referrals.customer_id = referring.source_customer_id
    left join customer_records as referred
        on referrals.referred_customer_source_system = referred.source_system
        and referrals.referred_customer_id = referred.source_customer_id
    left join lead_references
        on {{ refers_to('lead_references', 'referrals.referred_lead_id', 'referrals.source_system') }}
    left join lead_keys
        on lead_references.conformed_id = lead_keys.lead_key
),

final as (
    select
        brought_in.customer_id,
        cast(sum(case when brought_in.is_reference then 0 else 1 end) as bigint) as referral_count,
        cast(sum(case when brought_in.is_reference then 1 else 0 end) as bigint) as reference_count,
        count(distinct case when not brought_in.is_reference then orders.customer_id end) as referred_customer_count
    from brought_in
    left join orders
        on brought_in.referred_customer_id = orders.customer_id
        -- Two records of one customer that refer to each other brought nobody in.
        and brought_in.referred_customer_id <> brought_in.customer_id
    group by brought_in.customer_id
)

select * from final

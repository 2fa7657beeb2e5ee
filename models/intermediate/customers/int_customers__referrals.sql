with

referrals as (
    select * from {{ ref('int_customers__referral_events') }}
),

orders as (
    select distinct customer_id
    from {{ ref('int_customers__months') }}
),

final as (
    select
        referrals.customer_id,
        cast(sum(case when referrals.is_reference then 0 else 1 end) as bigint) as referral_count,
        cast(sum(case when referrals.is_reference then 1 else 0 end) as bigint) as reference_count,
        count(distinct case when not referrals.is_reference then orders.customer_id end) as referred_customer_count
    from referrals
    left join orders
        on referrals.referred_customer_id = orders.customer_id
    group by referrals.customer_id
)

select * from final

-- Proves that every commission, payment fee, freight and lead fee that is delivered and not zero is in
-- fct_direct_selling_costs exactly once, with its amount as delivered. Returns the costs for which that does not hold.

with

commissions as (
    select
        'commission' as cost_kind,
        {{ conformed_key('source_system', 'order_id') }} as record_id,
        commission_amount as amount
    from {{ ref('stg_sales__orders') }}
    -- The commission of an order that is no sale counts nowhere.
    where not is_withdrawn and order_status <> 'cancelled'
),

payment_fees as (
    select
        'payment_fees' as cost_kind,
        {{ conformed_key('source_system', 'payment_id') }} as record_id,
        fee_amount as amount
    from {{ ref('stg_finance__payments') }}
),

freight as (
    select
        'freight' as cost_kind,
        {{ conformed_key('source_system', 'shipment_id') }} as record_id,
        freight_amount as amount
    from {{ ref('stg_sales__shipments') }}
),

lead_fees as (
    select
        'lead_fees' as cost_kind,
        {{ conformed_key('source_system', 'lead_id') }} as record_id,
        fee_amount as amount
    from {{ ref('stg_marketing__leads') }}
    where is_current
),

staged as (
    select * from commissions
    union all
    select * from payment_fees
    union all
    select * from freight
    union all
    select * from lead_fees
),

both_sides as (
    select
        cost_kind || '/' || record_id as direct_selling_cost_id,
        1 as staged_count,
        0 as fact_count,
        amount as staged_amount,
        0 as fact_amount
    from staged
    where amount <> 0

    union all

    select
        direct_selling_cost_id,
        0 as staged_count,
        1 as fact_count,
        0 as staged_amount,
        original_amount as fact_amount
    from {{ ref('fct_direct_selling_costs') }}
)

select
    direct_selling_cost_id,
    sum(staged_count) as staged_count,
    sum(fact_count) as fact_count,
    sum(staged_amount) as staged_amount,
    sum(fact_amount) as fact_amount
from both_sides
group by direct_selling_cost_id
having
    sum(staged_count) <> 1
    or sum(fact_count) <> 1
    or sum(staged_amount) <> sum(fact_amount)

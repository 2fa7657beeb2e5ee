with

orders as (
    select * from {{ ref('int_sales__orders') }}
    where commission_original_amount <> 0 and is_void is not true
),

payments as (
    select * from {{ ref('fct_payments') }}
    where fee_original_amount <> 0
),

freight as (
    select * from {{ ref('int_sales__freight') }}
    where freight_original_amount <> 0
),

lead_fees as (
    select * from {{ ref('int_marketing__leads') }}
    where fee_original_amount <> 0
),

costs as (
    select
        'commission' as cost_kind,
        order_id as source_key,
        source_system,
        customer_id,
        order_id,
        order_status,
        ordered_on as incurred_on,
        commission_original_amount as original_amount,
        currency_code,
        commission_amount as cost_amount,
        delivered_on
    from orders

    union all

    select
        'payment_fees' as cost_kind,
        payment_id as source_key,
        source_system,
        customer_id,
        order_id,
        order_status,
        paid_on as incurred_on,
        fee_original_amount as original_amount,
        currency_code,
        fee_amount as cost_amount,
        delivered_on
    from payments

    union all

    select
        'freight' as cost_kind,
        shipment_id as source_key,
        source_system,
        customer_id,
        order_id,
        order_status,
        shipped_on as incurred_on,
        freight_original_amount as original_amount,
        currency_code,
        freight_amount as cost_amount,
        delivered_on
    from freight

    union all

    select
        'lead_fees' as cost_kind,
        lead_id as source_key,
        source_system,
        fee_customer_id as customer_id,
        cast(null as {{ dbt.type_string() }}) as order_id,
        cast(null as {{ dbt.type_string() }}) as order_status,
        came_on as incurred_on,
        fee_original_amount as original_amount,
        currency_code,
        fee_amount as cost_amount,
        delivered_on
    from lead_fees
),

final as (
    select
        cost_kind || '/' || source_key as direct_selling_cost_id,
        cost_kind,
        source_system,
        customer_id,
        order_id,
        order_status,
        incurred_on,
        {{ month_of('incurred_on') }} as month,
        original_amount,
        currency_code,
        cost_amount,
        cost_amount is not null as has_exchange_rate,
        delivered_on
    from costs
)

select * from final

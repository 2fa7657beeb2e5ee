with

used as (
    select
        source_system,
        customer_source_system,
        customer_id as source_customer_id,
        product_source_system,
        product_id as source_product_id,
        {{ counted_day('used_on', 'delivered_on') }} as used_on
    from {{ ref('stg_service__product_usage') }}
    where usage_quantity > 0
),

crosswalk as (
    select
        source_system,
        source_customer_id,
        customer_id
    from {{ ref('customer_crosswalk') }}
    where record_kind = 'customer'
),

product_keys as (
    select * from {{ ref('int_references__keys') }}
    where entity = 'product'
),

placed as (
    select
        coalesce(crosswalk.customer_id, {{ unattributed_customer() }}) as customer_id,
        coalesce({{ referred_id('product_keys') }}, {{ unknown_member() }}) as product_id,
        {{ month_of('used.used_on') }} as month
    from used
    left join crosswalk
        on used.customer_source_system = crosswalk.source_system
        and used.source_customer_id = crosswalk.source_customer_id
    {{ resolve_reference('product_keys', 'used.source_product_id', 'used.source_system', 'used.product_source_system') }}
),

final as (
    select
        customer_id,
        product_id,
        month,
        count(*) as usage_record_count
    from placed
    group by
        customer_id,
        product_id,
        month
)

select * from final

with

used as (
    select
        source_system,
        customer_source_system,
        customer_id as source_customer_id,
        product_source_system,
        product_id as source_product_id,
        used_on
    from {{ ref('stg_service__product_usage') }}
    where usage_quantity > 0
),

crosswalk as (
    select
        source_system,
        source_customer_id,
        customer_id
    from {{ ref('int_identity__customer_records') }}
),

products as (
    select
        source_system,
        product_id
    from {{ ref('stg_sales__products') }}
),

product_keys as (
    {{ reference_keys('products', 'product_id') }}
),

placed as (
    select
        coalesce(crosswalk.customer_id, {{ unattributed_customer() }}) as customer_id,
        coalesce(product_keys.conformed_id, {{ unknown_member() }}) as product_id,
        {{ month_of('used.used_on') }} as month
    from used
    left join crosswalk
        on used.customer_source_system = crosswalk.source_system
        and used.source_customer_id = crosswalk.source_customer_id
    left join product_keys
        on {{ refers_to('product_keys', 'used.source_product_id', 'used.source_system', 'used.product_source_system') }}
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

with

records as (
    select
        source_system,
        customer_id,
        first_delivered_on
    from {{ ref('stg_crm__customers') }}
),

final as (
    select
        source_system,
        customer_id as source_customer_id,
        {{ conformed_key('source_system', 'customer_id') }} as customer_id,
        'own record' as match_rule,
        cast(1.0 as double) as match_probability,
        first_delivered_on as first_seen_on
    from records
)

select * from final

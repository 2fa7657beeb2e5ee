with

final as (
    select
        source_system,
        lead_id,
        case when nullif({{ trimmed('organisation_name') }}, '') is not null then 'organisation' else 'person' end as customer_kind,
        first_name,
        last_name,
        organisation_name,
        email,
        phone,
        address_line,
        postal_code,
        city,
        region,
        nullif(upper({{ trimmed('country_code') }}), '') as country_code,
        industry,
        cast(created_at as date) as created_on,
        customer_id,
        coalesce(customer_source_system, source_system) as customer_source_system,
        coalesce(is_deleted, false) as is_deleted,
        delivered_on,
        delivery_id
    from {{ source('marketing', 'leads') }}
)

select * from final

with

versions as (
    select * from {{ source('crm', 'customers') }}
),

ranked as (
    {{ ranked_versions('versions', ['customer_id']) }}
),

final as (
    select
        source_system,
        customer_id,
        coalesce(
            nullif(lower({{ trimmed('customer_kind') }}), ''),
            case when nullif({{ trimmed('organisation_name') }}, '') is not null then 'organisation' else 'person' end
        ) as customer_kind,
        first_name,
        last_name,
        organisation_name,
        birth_date,
        email,
        phone,
        address_line,
        postal_code,
        city,
        region,
        nullif(upper({{ trimmed('country_code') }}), '') as country_code,
        tax_number,
        loyalty_number,
        industry,
        size_class,
        parent_customer_id,
        territory_id,
        sales_rep_id,
        created_on,
        first_delivered_on
        {{- extension_columns(source('crm', 'customers')) }},
        coalesce(is_deleted, false) as is_deleted,
        version_rank = 1 and not coalesce(is_deleted, false) as is_current,
        delivery_id,
        delivered_on
    from ranked
)

select * from final

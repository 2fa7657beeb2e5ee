{{ config(materialized='table') }}

with

versions as (
    select * from {{ source('marketing', 'leads') }}
),

ranked as (
    {{ ranked_versions('versions', ['lead_id']) }}
),

final as (
    select
        source_system,
        lead_id,
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
        campaign_id,
        nullif(lower({{ trimmed('media_source') }}), '') as media_source,
        created_at,
        {{ business_day('created_at') }} as created_on,
        coalesce(fee_amount, 0) as fee_amount,
        fee_amount is not null as has_fee_amount,
        coalesce(nullif(upper({{ trimmed('currency_code') }}), ''), {{ reporting_currency() }}) as currency_code,
        customer_id,
        coalesce(customer_source_system, source_system) as customer_source_system,
        converted_on,
        nullif(lower({{ trimmed('status') }}), '') as status
        {{- extension_columns(source('marketing', 'leads')) }},
        coalesce(is_deleted, false) as is_deleted,
        version_rank = 1 and not coalesce(is_deleted, false) as is_current,
        delivery_id,
        delivered_on
    from ranked
)

select * from final

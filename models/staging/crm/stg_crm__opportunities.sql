with

versions as (
    select * from {{ source('crm', 'opportunities') }}
),

ranked as (
    {{ ranked_versions('versions', ['opportunity_id']) }}
),

final as (
    select
        source_system,
        opportunity_id,
        customer_id,
        coalesce(customer_source_system, source_system) as customer_source_system,
        lead_id,
        sales_rep_id,
        territory_id,
        campaign_id,
        opened_on,
        expected_close_on,
        closed_on,
        nullif(lower({{ trimmed('stage') }}), '') as stage,
        amount,
        coalesce(nullif(upper({{ trimmed('currency_code') }}), ''), {{ reporting_currency() }}) as currency_code,
        probability,
        order_id,
        order_source_system
        {{- extension_columns(source('crm', 'opportunities')) }},
        coalesce(is_deleted, false) as is_deleted,
        version_rank = 1 and not coalesce(is_deleted, false) as is_current,
        delivery_id,
        delivered_on
    from ranked
)

select * from final

with

versions as (
    select * from {{ source('crm', 'opportunity_events') }}
),

ranked as (
    {{ ranked_versions('versions', ['opportunity_event_id']) }}
),

final as (
    select
        source_system,
        opportunity_event_id,
        opportunity_id,
        occurred_at,
        {{ business_day('occurred_at') }} as occurred_on,
        nullif(lower({{ trimmed('stage') }}), '') as stage,
        amount,
        -- Of an event without an amount a currency is a change of its own, and none is none.
        coalesce(nullif(upper({{ trimmed('currency_code') }}), ''), case when amount is not null then {{ reporting_currency() }} end) as currency_code,
        probability,
        expected_close_on,
        sales_rep_id,
        territory_id
        {{- extension_columns(source('crm', 'opportunity_events')) }},
        coalesce(is_deleted, false) as is_deleted,
        version_rank = 1 and not coalesce(is_deleted, false) as is_current,
        delivery_id,
        delivered_on
    from ranked
)

select * from final

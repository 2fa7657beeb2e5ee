with

leads as (
    select
        source_system,
        lead_id,
        created_on,
        fee_amount,
        currency_code,
        delivered_on
    from {{ ref('stg_marketing__leads') }}
    where fee_amount <> 0
),

lead_records as (
    select
        source_system,
        source_customer_id as lead_id,
        customer_id
    from {{ ref('customer_crosswalk') }}
    where record_kind = 'lead' and not is_prospect
),

exchange_rates as (
    select
        currency_code,
        calendar_date,
        exchange_rate
    from {{ ref('int_finance__daily_exchange_rates') }}
),

dated as (
    select
        *,
        -- A lead that names no day of its own came in with its delivery.
        coalesce(created_on, delivered_on) as incurred_on
    from leads
),

final as (
    select
        {{ conformed_key('dated.source_system', 'dated.lead_id') }} as lead_id,
        dated.source_system,
        -- What was spent on somebody who never bought is no customer's cost.
        coalesce(lead_records.customer_id, {{ unattributed_customer() }}) as customer_id,
        dated.incurred_on,
        dated.fee_amount as fee_original_amount,
        dated.currency_code,
        {{ to_reporting_currency('dated.fee_amount', 'dated.currency_code', 'exchange_rates.exchange_rate') }} as fee_amount,
        dated.delivered_on
    from dated
    left join lead_records
        on dated.source_system = lead_records.source_system
        and dated.lead_id = lead_records.lead_id
    left join exchange_rates
        on dated.currency_code = exchange_rates.currency_code
        and dated.incurred_on = exchange_rates.calendar_date
)

select * from final

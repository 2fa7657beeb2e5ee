with

-- What starts in a year that cannot be starts with its delivery; what starts too far ahead has not started, however far.
subscriptions as (
    select
        *,
        {{ counted_day('started_on', 'delivered_on', centuries_ahead()) }} as counted_on
    from {{ ref('stg_sales__subscriptions') }}
    where term_months > 0
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

exchange_rates as (
    select
        currency_code,
        calendar_date,
        exchange_rate
    from {{ ref('int_finance__daily_exchange_rates') }}
),

bases as (
    select * from {{ ref('int_value__bases') }}
),

placed as (
    select
        subscriptions.*,
        coalesce(crosswalk.customer_id, {{ unattributed_customer() }}) as enterprise_customer_id,
        {{ referred_id('product_keys') }} as conformed_product_id
    from subscriptions
    left join crosswalk
        on subscriptions.customer_source_system = crosswalk.source_system
        and subscriptions.customer_id = crosswalk.source_customer_id
    {{ resolve_reference('product_keys', 'subscriptions.product_id', 'subscriptions.source_system', 'subscriptions.product_source_system') }}
),

contracts as (
    select
        {{ conformed_key('placed.source_system', 'placed.subscription_id') }} as subscription_id,
        placed.enterprise_customer_id as customer_id,
        placed.conformed_product_id as product_id,
        placed.counted_on as started_on,
        placed.cancelled_on,
        cast(placed.term_months as integer) as term_months,
        -- Terms are counted in months of the same length, so that every term of a contract is as long as the others.
        placed.term_months * 30.4375e0 as term_days,
        {{ to_reporting_currency('placed.term_amount', 'placed.currency_code', 'exchange_rates.exchange_rate') }} as term_amount
    from placed
    left join exchange_rates
        on placed.currency_code = exchange_rates.currency_code
        and placed.counted_on = exchange_rates.calendar_date
    -- What was cancelled by the day on which it was to start was never there to be lost.
    where placed.cancelled_on is null or placed.cancelled_on > placed.counted_on
),

known as (
    select
        contracts.*,
        bases.basis,
        bases.observed_until,
        coalesce(contracts.cancelled_on <= bases.observed_until, false) as is_lost
    from contracts
    inner join bases
        on contracts.started_on <= bases.observed_until
),

elapsed as (
    select
        *,
        {{ dbt.datediff('started_on', 'cancelled_on', 'day') }} as lost_after_days,
        {{ dbt.datediff('started_on', 'observed_until', 'day') }} as age_days
    from known
),

final as (
    select
        subscription_id,
        customer_id,
        product_id,
        basis,
        started_on,
        'term_' || cast(term_months as {{ dbt.type_string() }}) as term_segment,
        term_days,
        term_amount,
        is_lost,
        -- Renewals that were due so far; the last one of a lost contract was not made. One that ends within its first term was
        -- not renewed once.
        case
            when is_lost then greatest(round(lost_after_days / term_days), 1)
            else floor(age_days / term_days)
        end as due_count,
        (floor(age_days / term_days) + 1) * term_days - age_days as days_to_renewal
    from elapsed
)

select * from final

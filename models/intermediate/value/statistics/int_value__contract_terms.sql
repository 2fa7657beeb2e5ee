with

contracts as (
    select
        *,
        -- Terms are counted in months of the same length, so that every term of a contract is as long as the others.
        term_months * 30.4375e0 as term_days
    from {{ ref('int_value__contracts') }}
),

bases as (
    select * from {{ ref('int_value__bases') }}
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
        basis,
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

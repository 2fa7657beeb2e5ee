with

calendar as (
    select as_of
    from {{ ref('int_calendar__as_of') }}
),

customers as (
    select * from {{ ref('action_customers') }}
),

months as (
    select
        customer_id,
        previous_status,
        is_reactivated
    from {{ ref('int_customers__months') }}
    where is_complete_month
),

parameters as (
    {{ action_parameters('N-500') }}
),

-- How many of those who had lapsed, or churned, at the end of a month were back at the end of the next.
returns as (
    select
        previous_status as status,
        count(*) as month_count,
        cast(sum(case when is_reactivated then 1 else 0 end) as double) / nullif(count(*), 0) as monthly_rate
    from months
    where previous_status in ('lapsed', 'churned')
    group by previous_status
),

dated as (
    select
        *,
        first_order_month as bought_from,
        last_ordered_on as bought_to
    from customers
),

buying as (
    select
        *,
        {{ dbt.datediff('bought_from', 'bought_to', 'month') }} as buying_month_count
    from dated
),

lost as (
    select
        buying.customer_id,
        buying.status,
        buying.days_since_last_order,
        buying.customer_profit_amount,
        parameters.assumed_uplift,
        1 - power(1 - returns.monthly_rate, 12) as return_probability,
        -- From the first month to the last one it bought in, a year at least: one good month is no good year.
        cast(buying.customer_profit_amount as double) * 12 / greatest(buying.buying_month_count + 1, 12) as yearly_profit_amount
    from buying
    cross join parameters
    inner join returns
        on buying.status = returns.status
    where buying.customer_profit_amount >= parameters.minimum_profit
),

final as (
    select
        {{ action_key("'N-500'", 'customer_id') }} as action_id,
        'N-500' as rule_id,
        customer_id,
        cast(null as {{ dbt.type_string() }}) as lead_id,
        status as action_target,
        'Last ordered ' || {{ count_text('days_since_last_order') }} || ' days ago (' || status || '), brought '
        || {{ amount_text('cast(customer_profit_amount as double)') }} || ' of customer profit until then; of such customers '
        || {{ percent_text('return_probability') }} || ' return within a year by themselves, and ' || {{ percent_text('assumed_uplift') }}
        || ' more are assumed to if asked' as reason,
        {{ expected_money('least(assumed_uplift * return_probability, 1 - return_probability) * yearly_profit_amount') }} as expected_margin_amount,
        cast(days_since_last_order as bigint) as evidence_count,
        return_probability as evidence_rate,
        {{ expected_money('yearly_profit_amount') }} as evidence_amount,
        (select calendar.as_of from calendar) as as_of
    from lost
)

select * from final

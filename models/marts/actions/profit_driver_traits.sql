with

calendar as (
    select as_of
    from {{ ref('int_calendar__as_of') }}
),

traits as (
    select
        customer_id,
        trait,
        trait_value
    from {{ ref('int_actions__customer_traits') }}
    where has_ordered
),

profitability as (
    select
        customer_id,
        customer_profit_amount
    from {{ ref('customer_profitability') }}
),

labels as (
    select
        trait,
        label,
        is_known_before_sale
    from {{ ref('driver_traits') }}
),

thresholds as (
    select
        max(case when threshold = 'minimum_customers' then cast(value as double) end) as minimum_customers,
        max(case when threshold = 'minimum_expected' then cast(value as double) end) as minimum_expected,
        max(case when threshold = 'standard_errors' then cast(value as double) end) as standard_errors,
        max(case when threshold = 'false_discovery_rate' then cast(value as double) end) as false_discovery_rate
    from {{ ref('trait_thresholds') }}
),

customer_traits as (
    select
        traits.customer_id,
        traits.trait,
        traits.trait_value,
        profitability.customer_profit_amount,
        profitability.customer_profit_amount > 0 as is_profitable
    from traits
    inner join profitability
        on traits.customer_id = profitability.customer_id
),

statistics as (
    {{ trait_statistics('customer_traits', 'thresholds') }}
),

profits as (
    select
        trait,
        coalesce(trait_value, 'not known') as trait_value,
        sum(customer_profit_amount) as customer_profit_amount
    from customer_traits
    group by
        trait,
        coalesce(trait_value, 'not known')
),

final as (
    select
        statistics.trait,
        labels.label as trait_label,
        labels.is_known_before_sale,
        profits.trait_value,
        cast(statistics.customer_count as bigint) as customer_count,
        cast(statistics.base_count as bigint) as base_customer_count,
        cast(statistics.profitable_count as bigint) as profitable_customer_count,
        statistics.profitable_rate,
        statistics.profitable_rate_low,
        statistics.profitable_rate_high,
        statistics.base_rate,
        statistics.lift,
        statistics.lift_low,
        statistics.lift_high,
        cast(statistics.tested_count as bigint) as tested_value_count,
        statistics.p_value,
        statistics.adjusted_p_value,
        statistics.is_significant,
        case
            when not statistics.is_significant then 'no difference shown'
            when statistics.lift > 1 then 'more often profitable'
            else 'less often profitable'
        end as finding,
        statistics.suppressed_reason,
        cast(profits.customer_profit_amount as decimal(18, 4)) as customer_profit_amount,
        (select calendar.as_of from calendar) as as_of
    from statistics
    inner join labels
        on statistics.trait = labels.trait
    inner join profits
        on statistics.trait = profits.trait
        and coalesce(statistics.trait_value, 'not known') = profits.trait_value
)

select * from final

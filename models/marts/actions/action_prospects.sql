with

calendar as (
    select as_of
    from {{ ref('int_calendar__as_of') }}
),

traits as (
    select
        customer_id,
        is_prospect,
        trait,
        trait_value
    from {{ ref('int_actions__customer_traits') }}
    where trait_value is not null
),

findings as (
    select
        trait,
        trait_label,
        trait_value,
        customer_count,
        profitable_rate,
        base_rate,
        lift,
        adjusted_p_value
    from {{ ref('profit_driver_traits') }}
    where is_known_before_sale and suppressed_reason is null
),

leads as (
    select
        customer_id,
        lead_id,
        came_on
    from {{ ref('int_marketing__leads') }}
    where
        is_prospect
        and customer_id <> {{ unattributed_customer() }}
        and coalesce(status, 'open') not in ('lost', 'converted')
),

ranked as (
    select
        *,
        row_number() over (partition by customer_id order by came_on desc, lead_id asc) as lead_rank
    from leads
),

-- Of several open leads of a prospect the newest is followed.
open_leads as (
    select
        customer_id,
        lead_id
    from ranked
    where lead_rank = 1
),

profiles as (
    select
        customer_id,
        has_ordered,
        first_lead_id
    from {{ ref('int_actions__customer_profiles') }}
),

customers as (
    select
        customer_id,
        last_12m_customer_profit_amount
    from {{ ref('action_customers') }}
),

parameters as (
    {{ action_parameters('N-200') }}
),

-- How many of those who came as leads ever bought.
conversion as (
    select cast(sum(case when has_ordered then 1 else 0 end) as double) / nullif(count(*), 0) as conversion_rate
    from profiles
    where first_lead_id is not null
),

telling as (
    select
        findings.*,
        findings.lift >= parameters.minimum_lift as speaks_for,
        findings.lift < 1 as speaks_against
    from findings
    cross join parameters
    where findings.adjusted_p_value <= parameters.maximum_adjusted_p_value
),

profits as (
    select
        traits.trait,
        traits.trait_value,
        avg(cast(customers.last_12m_customer_profit_amount as double)) as yearly_profit_amount
    from traits
    inner join customers
        on traits.customer_id = customers.customer_id
    group by
        traits.trait,
        traits.trait_value
),

matched as (
    select
        open_leads.customer_id,
        open_leads.lead_id,
        telling.*,
        sum(case when telling.speaks_against then 1 else 0 end) over (partition by open_leads.customer_id) as against_count,
        row_number() over (
            partition by open_leads.customer_id
            order by case when telling.speaks_for then 0 else 1 end asc, telling.lift desc, telling.trait asc, telling.trait_value asc
        ) as trait_rank
    from open_leads
    inner join traits
        on open_leads.customer_id = traits.customer_id
        and traits.is_prospect
    inner join telling
        on traits.trait = telling.trait
        and traits.trait_value = telling.trait_value
),

expected as (
    select
        matched.*,
        profits.yearly_profit_amount,
        conversion.conversion_rate,
        conversion.conversion_rate * profits.yearly_profit_amount as expected_margin_amount
    from matched
    inner join profits
        on matched.trait = profits.trait
        and matched.trait_value = profits.trait_value
    cross join conversion
    where matched.trait_rank = 1 and matched.speaks_for and matched.against_count = 0
),

final as (
    select
        {{ action_key("'N-200'", 'customer_id') }} as action_id,
        'N-200' as rule_id,
        customer_id,
        lead_id,
        trait || '=' || trait_value as action_target,
        trait_label || ' ' || trait_value || ': ' || {{ percent_text('profitable_rate') }} || ' of ' || {{ count_text('customer_count') }}
        || ' such customers are profitable, ' || {{ percent_text('base_rate') }} || ' of all; ' || {{ percent_text('conversion_rate') }}
        || ' of leads become customers' as reason,
        {{ expected_money('expected_margin_amount') }} as expected_margin_amount,
        customer_count as evidence_count,
        profitable_rate as evidence_rate,
        {{ expected_money('yearly_profit_amount') }} as evidence_amount,
        (select calendar.as_of from calendar) as as_of
    from expected
)

select * from final

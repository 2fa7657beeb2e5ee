with

customers as (
    select * from {{ ref('action_customers') }}
),

calendar as (
    select as_of
    from {{ ref('int_calendar__as_of') }}
),

surveys as (
    select * from {{ ref('stg_service__surveys') }}
    where question = 'recommend' and score is not null and score_maximum > 0
),

crosswalk as (
    select
        source_system,
        source_customer_id,
        customer_id
    from {{ ref('customer_crosswalk') }}
    where record_kind = 'customer'
),

ranked as (
    select
        crosswalk.customer_id,
        surveys.answered_on,
        cast(surveys.score as double) / nullif(cast(surveys.score_maximum as double), 0) as score_ratio,
        row_number() over (
            partition by crosswalk.customer_id
            order by surveys.answered_on desc, surveys.source_system asc, surveys.survey_answer_id asc
        ) as answer_rank
    from surveys
    inner join calendar
        on surveys.answered_on <= calendar.as_of
    inner join crosswalk
        on surveys.customer_source_system = crosswalk.source_system
        and surveys.customer_id = crosswalk.source_customer_id
),

-- The newest answer of a customer counts, whichever system knows it.
recommendations as (
    select
        customer_id,
        score_ratio
    from ranked
    where answer_rank = 1
),

referrals as (
    select
        events.customer_id,
        case when not events.is_reference then events.referred_customer_id end as referred_customer_id,
        events.referred_on
    from {{ ref('int_customers__referral_events') }} as events
    inner join calendar
        on events.referred_on <= calendar.as_of
),

parameters as (
    {{ action_parameters('N-300') }}
),

referred as (
    select distinct referred_customer_id as customer_id
    from referrals
    where referred_customer_id is not null
),

averages as (
    select
        count(referred.customer_id) as referred_count,
        avg(case when referred.customer_id is not null then cast(customers.last_12m_customer_profit_amount as double) end) as referred_profit_amount,
        avg(cast(customers.last_12m_customer_profit_amount as double)) as any_profit_amount
    from customers
    left join referred
        on customers.customer_id = referred.customer_id
),

given as (
    select
        customer_id,
        max(referred_on) as last_referred_on
    from referrals
    group by customer_id
),

pleased as (
    select
        customers.*,
        recommendations.score_ratio,
        given.last_referred_on
    from customers
    inner join recommendations
        on customers.customer_id = recommendations.customer_id
    left join given
        on customers.customer_id = given.customer_id
    where customers.status = 'active'
),

timed as (
    select
        *,
        {{ dbt.datediff('last_referred_on', 'as_of', 'month') }} as quiet_month_count
    from pleased
),

asked as (
    select
        timed.customer_id,
        timed.last_12m_customer_profit_amount,
        timed.score_ratio,
        averages.referred_count,
        case
            when averages.referred_count >= parameters.minimum_referred then averages.referred_profit_amount
            else averages.any_profit_amount
        end as yearly_profit_amount,
        parameters.assumed_success
    from timed
    cross join parameters
    cross join averages
    where
        timed.last_12m_customer_profit_amount >= parameters.minimum_profit
        and timed.tenure_months >= parameters.minimum_tenure_months
        and timed.score_ratio >= parameters.minimum_score
        and coalesce(timed.quiet_month_count >= parameters.quiet_months, true)
),

final as (
    select
        {{ action_key("'N-300'", 'customer_id') }} as action_id,
        'N-300' as rule_id,
        customer_id,
        cast(null as {{ dbt.type_string() }}) as lead_id,
        cast(null as {{ dbt.type_string() }}) as action_target,
        'Would recommend (' || {{ percent_text('score_ratio') }} || ' of the highest score), brought '
        || {{ amount_text('cast(last_12m_customer_profit_amount as double)') }} || ' of customer profit in 12 months, gave no referral lately; '
        || {{ percent_text('assumed_success') }} || ' of those asked are assumed to bring a customer' as reason,
        {{ expected_money('assumed_success * yearly_profit_amount') }} as expected_margin_amount,
        cast(referred_count as bigint) as evidence_count,
        score_ratio as evidence_rate,
        {{ expected_money('yearly_profit_amount') }} as evidence_amount,
        (select calendar.as_of from calendar) as as_of
    from asked
)

select * from final

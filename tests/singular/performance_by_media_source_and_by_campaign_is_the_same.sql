-- Proves that the marts of media sources and campaigns, by month and to date, add up to the same, and to the facts: media spend, touches,
-- leads, and the cost that customers are charged with (in cents, of the media sources that won somebody). Returns what differs.

with

sums as (
    {%- for mart in ['campaign_performance_monthly', 'media_source_performance_monthly', 'media_source_performance', 'campaign_performance'] %}
    select
        '{{ mart }}' as place,
        sum(media_spend_amount) as media_spend_amount,
        sum(acquisition_cost_amount) as acquisition_cost_amount,
        sum(lead_count) as lead_count,
        sum(touch_count) as touch_count,
        sum(response_count) as response_count,
        sum(new_customer_count) as new_customer_count,
        sum(customer_profit_amount) as customer_profit_amount,
        sum(linear_customer_profit_amount) as linear_customer_profit_amount,
        sum(position_based_new_customer_count) as position_based_new_customer_count
    from {{ ref(mart) }}
    {%- if not loop.last %}

    union all
    {% endif %}
    {%- endfor %}
),

spend as (
    select coalesce(sum(media_spend_amount), 0) as media_spend_amount
    from {{ ref('fct_media_spend') }}
),

leads as (
    select count(*) as lead_count
    from {{ ref('stg_marketing__leads') }}
    where is_current
),

touches as (
    select
        count(*) as touch_count,
        coalesce(sum(case when is_response then 1 else 0 end), 0) as response_count
    from {{ ref('fct_touches') }}
),

charged as (
    select
        customers.media_source,
        sum(customers.acquisition_cost_amount) as charged_amount
    from {{ ref('customer_acquisition') }} as customers
    group by customers.media_source
)

select
    'the marts' as what,
    count(distinct place) as different_count
from sums
having
    min(media_spend_amount) <> max(media_spend_amount)
    or min(acquisition_cost_amount) <> max(acquisition_cost_amount)
    or min(lead_count) <> max(lead_count)
    or min(new_customer_count) <> max(new_customer_count)
    or min(customer_profit_amount) <> max(customer_profit_amount)
    or min(linear_customer_profit_amount) <> max(linear_customer_profit_amount)
    or min(position_based_new_customer_count) <> max(position_based_new_customer_count)

union all

select
    sums.place as what,
    1 as different_count
from sums
cross join spend
cross join leads
cross join touches
where
    coalesce(sums.media_spend_amount, 0) <> spend.media_spend_amount
    or coalesce(sums.lead_count, 0) <> leads.lead_count
    or coalesce(sums.touch_count, 0) <> touches.touch_count
    or coalesce(sums.response_count, 0) <> touches.response_count

union all

select
    performance.media_source as what,
    1 as different_count
from {{ ref('media_source_performance') }} as performance
left join charged
    on performance.media_source = charged.media_source
where
    performance.new_customer_count > 0
    and coalesce(charged.charged_amount, 0) <> round(performance.acquisition_cost_amount, 2)

with

months as (
    select * from {{ ref('campaign_performance_monthly') }}
),

curve as (
    select * from {{ ref('acquisition_payback_curve') }}
),

media_sources as (
    select * from {{ ref('media_sources') }}
),

calendar as (
    select as_of
    from {{ ref('int_calendar__as_of') }}
),

lifetime_values as (
    select
        group_id,
        expected_value_amount,
        lifetime_value_amount,
        ltv_to_cac
    from {{ ref('lifetime_value_groups') }}
    where group_kind = 'media_source'
),

sums as (
    select
        media_source,
        {{ performance_sums() }}
    from months
    group by media_source
),

paybacks as (
    {{ first_paybacks('curve', 'media_source') }}
),

final as (
    select
        sums.media_source,
        coalesce(media_sources.media_source_name, sums.media_source) as media_source_name,
        coalesce(media_sources.media_source_kind, 'media') as media_source_kind,
        calendar.as_of,
        {{ default_performance('sums') }},
        paybacks.first_touch_payback_months as payback_months,
        cast(
            sums.customer_profit_amount + sums.charged_lead_fee_amount - sums.acquisition_cost_amount as {{ money_total() }}
        ) as profit_after_acquisition_amount,
        {{ attributed_performance('sums', 'paybacks') }},
        cast(coalesce(lifetime_values.expected_value_amount, 0) as {{ money_total() }}) as expected_value_amount,
        cast(coalesce(lifetime_values.lifetime_value_amount, 0) as {{ money_total() }}) as lifetime_value_amount,
        lifetime_values.ltv_to_cac
    from sums
    cross join calendar
    left join media_sources
        on sums.media_source = media_sources.media_source
    left join paybacks
        on sums.media_source = paybacks.member_id
    left join lifetime_values
        on sums.media_source = lifetime_values.group_id
)

select * from final

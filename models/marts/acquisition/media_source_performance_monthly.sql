with

campaign_months as (
    select * from {{ ref('campaign_performance_monthly') }}
),

sums as (
    select
        month,
        media_source,
        {{ performance_sums() }}
    from campaign_months
    group by
        month,
        media_source
),

final as (
    select
        sums.month,
        sums.media_source,
        {{ default_performance('sums') }},
        {{ attributed_performance('sums') }}
    from sums
)

select * from final

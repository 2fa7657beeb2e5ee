with

final as (
    {{ feed_coverage('stg_marketing__campaigns', 'marketing.campaigns', 'starts_on') }}

    union all

    {{ feed_coverage('stg_marketing__media_spend', 'marketing.media_spend', 'spent_on') }}

    union all

    {{ feed_coverage('stg_marketing__touches', 'marketing.touches', 'touched_on') }}

    union all

    {{ feed_coverage('stg_marketing__leads', 'marketing.leads', 'created_on') }}

    union all

    {{ feed_coverage('stg_marketing__promotion_redemptions', 'marketing.promotion_redemptions', 'paid_on') }}
)

select * from final

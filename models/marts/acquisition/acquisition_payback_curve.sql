with

credits as (
    select * from {{ ref('int_marketing__acquisition_credits') }}
),

months as (
    select
        customer_id,
        month,
        -- The fee for the lead that became the customer is part of the CAC already.
        customer_margin_amount + lead_fee_amount as margin_amount
    from {{ ref('customer_profitability_monthly') }}
),

calendar as (
    select
        as_of,
        as_of_month
    from {{ ref('int_calendar__as_of') }}
),

dates as (
    select distinct month
    from {{ ref('dim_date') }}
),

costs as (
    select * from {{ ref('campaign_performance_monthly') }}
),

counted as (
    select
        credits.attribution_model,
        credits.media_source,
        credits.campaign_id,
        credits.first_order_month,
        calendar.as_of_month,
        cast(sum(credits.credit_share) as decimal(18, 8)) as customer_count
    from credits
    inner join calendar
        on credits.first_order_month <= calendar.as_of_month
    group by
        credits.attribution_model,
        credits.media_source,
        credits.campaign_id,
        credits.first_order_month,
        calendar.as_of_month
),

shared as (
    select
        credits.attribution_model,
        credits.media_source,
        credits.campaign_id,
        credits.first_order_month,
        months.month,
        cast(sum({{ exact_product('months.margin_amount', 'credits.credit_share') }}) as decimal(34, 12)) as margin_amount
    from credits
    inner join months
        on credits.customer_id = months.customer_id
    inner join calendar
        on credits.first_order_month <= calendar.as_of_month
        and months.month <= calendar.as_of_month
    group by
        credits.attribution_model,
        credits.media_source,
        credits.campaign_id,
        credits.first_order_month,
        months.month
),

-- What came before the month of the first order belongs to winning the customer, and counts in that month.
aged as (
    select
        *,
        case
            when month < first_order_month then 0
            else {{ dbt.datediff('first_order_month', 'month', 'month') }}
        end as months_since_first_order
    from shared
),

margins as (
    select
        attribution_model,
        media_source,
        campaign_id,
        months_since_first_order,
        sum(margin_amount) as margin_amount
    from aged
    group by
        attribution_model,
        media_source,
        campaign_id,
        months_since_first_order
),

-- A cohort is observed in every month from its first to the last complete one.
looked_at as (
    select
        counted.*,
        dates.month
    from counted
    inner join dates
        on counted.first_order_month <= dates.month
        and counted.as_of_month >= dates.month
),

aged_cohorts as (
    select
        *,
        {{ dbt.datediff('first_order_month', 'month', 'month') }} as months_since_first_order
    from looked_at
),

observed as (
    select
        attribution_model,
        media_source,
        campaign_id,
        months_since_first_order,
        sum(customer_count) as customer_count
    from aged_cohorts
    group by
        attribution_model,
        media_source,
        campaign_id,
        months_since_first_order
),

points as (
    select
        observed.attribution_model,
        observed.media_source,
        observed.campaign_id,
        observed.months_since_first_order,
        observed.customer_count,
        coalesce(margins.margin_amount, 0) as margin_amount
    from observed
    left join margins
        on observed.attribution_model = margins.attribution_model
        and observed.media_source = margins.media_source
        and observed.campaign_id = margins.campaign_id
        and observed.months_since_first_order = margins.months_since_first_order
),

grouped as (
    select
        attribution_model,
        'media_source' as grouping_kind,
        media_source as member_id,
        months_since_first_order,
        sum(customer_count) as customer_count,
        sum(margin_amount) as margin_amount
    from points
    group by
        attribution_model,
        media_source,
        months_since_first_order

    union all

    select
        attribution_model,
        'campaign' as grouping_kind,
        campaign_id as member_id,
        months_since_first_order,
        sum(customer_count) as customer_count,
        sum(margin_amount) as margin_amount
    from points
    group by
        attribution_model,
        campaign_id,
        months_since_first_order
),

cacs as (
    {%- for kind, member in [('media_source', 'media_source'), ('campaign', 'campaign_id')] %}
    {%- set kind_is_last = loop.last %}
    {%- for model in shown_attribution_models() %}
    select
        '{{ model }}' as attribution_model,
        '{{ kind }}' as grouping_kind,
        {{ member }} as member_id,
        {{ amount_per_customer(
            'sum(acquisition_cost_amount)', 'sum(' ~ ('' if loop.first else model ~ '_') ~ 'new_customer_count)'
        ) }} as cac_amount
    from costs
    group by {{ member }}
    {%- if not (loop.last and kind_is_last) %}

    union all
    {% endif %}
    {%- endfor %}
    {%- endfor %}
),

cumulated as (
    select
        *,
        sum(cast(margin_amount as double) / nullif(cast(customer_count as double), 0)) over (
            partition by attribution_model, grouping_kind, member_id
            order by months_since_first_order
            rows between unbounded preceding and current row
        ) as cumulative_margin
    from grouped
),

final as (
    select
        cumulated.attribution_model,
        cumulated.grouping_kind,
        cumulated.member_id,
        cast(cumulated.months_since_first_order as integer) as months_since_first_order,
        cast(cumulated.customer_count as decimal(18, 4)) as observed_customer_count,
        {{ rounded_to_cents('cumulated.cumulative_margin') }} as cumulative_margin_per_customer_amount,
        cacs.cac_amount,
        {{ rounded_to_cents('cumulated.cumulative_margin') }} >= cacs.cac_amount as is_cac_covered,
        calendar.as_of
    from cumulated
    cross join calendar
    left join cacs
        on cumulated.attribution_model = cacs.attribution_model
        and cumulated.grouping_kind = cacs.grouping_kind
        and cumulated.member_id = cacs.member_id
)

select * from final

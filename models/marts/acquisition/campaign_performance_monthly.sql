with

credits as (
    select * from {{ ref('int_marketing__acquisition_credits') }}
),

months as (
    select * from {{ ref('customer_profitability_monthly') }}
),

acquisition_costs as (
    select * from {{ ref('int_marketing__acquisition_costs') }}
),

media_spend as (
    select * from {{ ref('fct_media_spend') }}
),

leads as (
    select
        {{ month_of('came_on') }} as month,
        media_source,
        campaign_id,
        is_converted
    from {{ ref('int_marketing__leads') }}
),

touches as (
    select * from {{ ref('fct_touches') }}
),

models as (
    {%- for model in shown_attribution_models() %}
    select '{{ model }}' as attribution_model
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

customers as (
    select distinct customer_id
    from months
),

-- Who bears money without having ordered, and nobody, stand at `unattributed`, so that every model splits all money.
all_credits as (
    select
        customer_id,
        attribution_model,
        media_source,
        campaign_id,
        credit_share
    from credits

    union all

    select
        customers.customer_id,
        models.attribution_model,
        {{ unattributed_customer() }} as media_source,
        {{ unknown_member() }} as campaign_id,
        cast(1 as decimal(18, 8)) as credit_share
    from customers
    cross join models
    left join credits
        on customers.customer_id = credits.customer_id
        and credits.attribution_model = 'first_touch'
    where credits.customer_id is null
),

-- Products of an amount and a share are exact in twelve decimals, and so are their sums.
shared as (
    select
        months.month,
        all_credits.attribution_model,
        all_credits.media_source,
        all_credits.campaign_id,
        {{ shared_money('months', 'all_credits.credit_share') }}
    from months
    inner join all_credits
        on months.customer_id = all_credits.customer_id
    group by
        months.month,
        all_credits.attribution_model,
        all_credits.media_source,
        all_credits.campaign_id
),

exact as (
    {%- for measure in shared_measures() %}
    select
        month,
        attribution_model,
        media_source,
        campaign_id,
        '{{ measure }}' as measure,
        {{ measure }} as exact_amount
    from shared

    union all
    {% endfor %}
    select
        first_order_month as month,
        attribution_model,
        media_source,
        campaign_id,
        'new_customer_count' as measure,
        cast(sum(credit_share) as decimal(34, 12)) as exact_amount
    from credits
    group by
        first_order_month,
        attribution_model,
        media_source,
        campaign_id
),

settled as (
    {{ settle('exact', 'exact_amount', group_by=['month', 'attribution_model', 'measure'], ties=['media_source', 'campaign_id']) }}
),

measures as (
    select
        month,
        media_source,
        campaign_id,
        attribution_model || ' ' || measure as measure,
        settled_amount as amount
    from settled

    union all

    select
        month,
        media_source,
        campaign_id,
        component as measure,
        cost_amount as amount
    from acquisition_costs

    union all

    select
        month,
        media_source,
        campaign_id,
        'media_spend' as measure,
        media_spend_amount as amount
    from media_spend

    union all

    select
        month,
        media_source,
        campaign_id,
        'lead_count' as measure,
        cast(count(*) as {{ money_total() }}) as amount
    from leads
    group by
        month,
        media_source,
        campaign_id

    union all

    select
        month,
        media_source,
        campaign_id,
        'converted_lead_count' as measure,
        cast(count(*) as {{ money_total() }}) as amount
    from leads
    where is_converted
    group by
        month,
        media_source,
        campaign_id

    union all

    select
        month,
        media_source,
        campaign_id,
        'touch_count' as measure,
        cast(count(*) as {{ money_total() }}) as amount
    from touches
    group by
        month,
        media_source,
        campaign_id

    union all

    select
        month,
        media_source,
        campaign_id,
        'response_count' as measure,
        cast(count(*) as {{ money_total() }}) as amount
    from touches
    where is_response
    group by
        month,
        media_source,
        campaign_id
),

final as (
    select
        month,
        media_source,
        campaign_id,
        {{ sum_of_measure('media_spend') }} as media_spend_amount,
        {{ sum_of_measure('media') }} as media_cost_amount,
        {{ sum_of_measure('pre_sale') }} as pre_sale_cost_amount,
        {{ sum_of_measure('lead_fees') }} as acquired_lead_fee_amount,
        cast(
            sum(case when measure in ('media', 'pre_sale', 'lead_fees') then amount else 0 end) as {{ money_total() }}
        ) as acquisition_cost_amount,
        {{ sum_of_measure('lead_count', 'bigint') }} as lead_count,
        {{ sum_of_measure('converted_lead_count', 'bigint') }} as converted_lead_count,
        {{ sum_of_measure('touch_count', 'bigint') }} as touch_count,
        {{ sum_of_measure('response_count', 'bigint') }} as response_count,
        {{ sum_of_measure('first_touch new_customer_count', 'bigint') }} as new_customer_count,
        {{ sum_of_measure('first_touch net_revenue_amount') }} as net_revenue_amount,
        {{ sum_of_measure('first_touch gross_margin_amount') }} as gross_margin_amount,
        {{ sum_of_measure('first_touch customer_margin_amount') }} as customer_margin_amount,
        {{ sum_of_measure('first_touch customer_profit_amount') }} as customer_profit_amount,
        {{ sum_of_measure('first_touch lead_fee_amount') }} as charged_lead_fee_amount,
        {{ attributed_sums() }}
    from measures
    group by
        month,
        media_source,
        campaign_id
)

select * from final

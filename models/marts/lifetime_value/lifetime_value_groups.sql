with

customers as (
    select
        customer_id,
        as_of,
        segment_id,
        is_baseline_chosen,
        historic_value_amount,
        expected_value_amount,
        lifetime_value_amount,
        lead_fee_amount,
        acquisition_cost_amount,
        probability_alive,
        expected_purchases_12m,
        expected_margin_12m_amount
    from {{ ref('customer_lifetime_value') }}
    where not is_unattributed
),

credits as (
    select
        customer_id,
        media_source,
        cast(first_order_month as {{ dbt.type_string() }}) as first_order_month
    from {{ ref('int_marketing__acquisition_credits') }}
    where attribution_model = 'first_touch'
),

joined as (
    select
        customers.*,
        -- Who never ordered was won by nothing, as in media_source_performance.
        coalesce(credits.media_source, {{ unattributed_customer() }}) as media_source,
        coalesce(credits.first_order_month, 'none') as first_order_month
    from customers
    left join credits
        on customers.customer_id = credits.customer_id
),

grouped as (
    select
        *,
        'all' as group_kind,
        'all' as group_id
    from joined

    union all

    select
        *,
        'segment' as group_kind,
        segment_id as group_id
    from joined

    union all

    select
        *,
        'media_source' as group_kind,
        media_source as group_id
    from joined

    union all

    select
        *,
        'cohort' as group_kind,
        first_order_month as group_id
    from joined
),

summed as (
    select
        group_kind,
        group_id,
        max(as_of) as as_of,
        count(*) as customer_count,
        sum(historic_value_amount) as historic_value_amount,
        sum(expected_value_amount) as expected_value_amount,
        sum(lifetime_value_amount) as lifetime_value_amount,
        sum(coalesce(acquisition_cost_amount, 0)) as acquisition_cost_amount,
        sum(lead_fee_amount) as lead_fee_amount,
        sum(expected_margin_12m_amount) as expected_margin_12m_amount,
        cast(sum(cast(expected_purchases_12m as decimal(18, 8))) as double) as expected_purchases_12m,
        cast(sum(cast(probability_alive as decimal(18, 8))) as double) / nullif(count(probability_alive), 0) as probability_alive
    from grouped
    group by
        group_kind,
        group_id
),

final as (
    select
        group_kind,
        group_id,
        as_of,
        customer_count,
        cast(historic_value_amount as {{ money_total() }}) as historic_value_amount,
        cast(expected_value_amount as {{ money_total() }}) as expected_value_amount,
        cast(lifetime_value_amount as {{ money_total() }}) as lifetime_value_amount,
        cast(acquisition_cost_amount as {{ money_total() }}) as acquisition_cost_amount,
        cast(expected_margin_12m_amount as {{ money_total() }}) as expected_margin_12m_amount,
        round(expected_purchases_12m, 6) as expected_purchases_12m,
        round(probability_alive, 6) as probability_alive,
        {{ amount_per_customer('lifetime_value_amount', 'customer_count') }} as lifetime_value_per_customer_amount,
        {{ amount_per_customer('acquisition_cost_amount', 'customer_count') }} as cac_amount,
        round({{ ratio('lifetime_value_amount + lead_fee_amount', 'acquisition_cost_amount') }}, 6) as ltv_to_cac
    from summed
)

select * from final

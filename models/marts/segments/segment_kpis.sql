{%- set counts = [
    'customer_count', 'active_customer_count', 'new_customer_count', 'lapsing_customer_count', 'churning_customer_count',
    'reactivated_customer_count', 'moved_in_customer_count', 'bought_product_group_count',
] -%}
{%- set opening_counts = ['opening_active_count', 'retained_count', 'opening_unchurned_count', 'churned_count', 'moved_out_customer_count'] -%}
{%- set earned_counts = ['transacting_customer_count', 'ordering_customer_count', 'order_count'] -%}

with

months as (
    select * from {{ ref('customer_profitability_monthly') }}
),

judged as (
    select * from {{ ref('customer_segments') }}
),

acquired as (
    select
        customer_id,
        acquisition_cost_amount
    from {{ ref('customer_acquisition') }}
),

stamps as (
    select
        customer_id,
        month,
        segment_id
    from {{ ref('int_segments__stamps') }}
),

segments as (
    select
        segment_id,
        segment_name,
        segment_order
    from {{ ref('segments') }}
),

calendar as (
    select
        as_of_month,
        last_month
    from {{ ref('int_calendar__as_of') }}
),

-- What customers said and used, in their segment of the month; after the last month with orders in that of the last.
heard as (
    select
        customer_id,
        month,
        1 as answer_count,
        feedback_score,
        0 as use_count
    from {{ ref('int_customers__feedback') }}

    union all

    select distinct
        customer_id,
        month,
        0 as answer_count,
        0 as feedback_score,
        1 as use_count
    from {{ ref('int_customers__usage') }}
),

dated as (
    select
        heard.*,
        heard.customer_id = {{ unattributed_customer() }} as is_unattributed,
        least(heard.month, calendar.last_month) as stamped_month
    from heard
    cross join calendar
),

voices as (
    select
        dated.month,
        {{ stamped_segment('dated.is_unattributed', 'stamps.segment_id') }} as segment_id,
        sum(dated.answer_count) as feedback_answer_count,
        sum(dated.feedback_score) as feedback_total,
        sum(case when dated.is_unattributed then 0 else dated.use_count end) as using_customer_count
    from dated
    left join stamps
        on dated.customer_id = stamps.customer_id
        and dated.stamped_month = stamps.month
    group by
        dated.month,
        {{ stamped_segment('dated.is_unattributed', 'stamps.segment_id') }}
),

-- What customers are worth is known at the end of the last complete month, for those who are in the segment then.
lifetime_values as (
    select
        valued.group_id as segment_id,
        calendar.as_of_month as month,
        valued.expected_value_amount,
        valued.lifetime_value_amount,
        valued.ltv_to_cac
    from {{ ref('lifetime_value_groups') }} as valued
    cross join calendar
    where valued.group_kind = 'segment'
),

earned as (
    select
        month,
        segment_id,
        sum(case when is_unattributed then 0 else 1 end) as transacting_customer_count,
        sum(case when is_ordering then 1 else 0 end) as ordering_customer_count,
        {%- for amount in waterfall_amounts() %}
        sum({{ amount }}) as {{ amount }},
        {%- endfor %}
        sum(order_count) as order_count
    from months
    group by
        month,
        segment_id
),

-- Where customers stand at the end of the month.
closing as (
    select
        judged.month,
        judged.segment_id,
        count(*) as customer_count,
        sum(case when judged.status = 'active' then 1 else 0 end) as active_customer_count,
        sum(case when judged.is_new then 1 else 0 end) as new_customer_count,
        sum(case when judged.is_lapsing then 1 else 0 end) as lapsing_customer_count,
        sum(case when judged.is_churning then 1 else 0 end) as churning_customer_count,
        sum(case when judged.is_reactivated then 1 else 0 end) as reactivated_customer_count,
        sum(case when judged.segment_id <> judged.previous_segment_id then 1 else 0 end) as moved_in_customer_count,
        sum(judged.product_group_count) as bought_product_group_count,
        sum(acquired.acquisition_cost_amount) as acquisition_cost_amount
    from judged
    left join acquired
        on judged.customer_id = acquired.customer_id
    group by
        judged.month,
        judged.segment_id
),

-- What became of those that were in the segment at the end of the month before.
opening as (
    select
        month,
        previous_segment_id as segment_id,
        sum(case when previous_status = 'active' then 1 else 0 end) as opening_active_count,
        sum(case when previous_status = 'active' and status = 'active' then 1 else 0 end) as retained_count,
        sum(case when previous_status <> 'churned' then 1 else 0 end) as opening_unchurned_count,
        sum(case when is_churning then 1 else 0 end) as churned_count,
        sum(case when segment_id <> previous_segment_id then 1 else 0 end) as moved_out_customer_count
    from judged
    where previous_segment_id is not null
    group by
        month,
        previous_segment_id
),

keys as (
    select
        month,
        segment_id
    from earned

    union distinct

    select
        month,
        segment_id
    from closing

    union distinct

    select
        month,
        segment_id
    from opening

    union distinct

    select
        month,
        segment_id
    from voices
),

joined as (
    select
        keys.month,
        keys.segment_id,
        segments.segment_name,
        segments.segment_order,
        keys.month <= calendar.as_of_month as is_complete_month
        {%- for count in counts %},
        coalesce(closing.{{ count }}, 0) as {{ count }}
        {%- endfor %}
        {%- for count in opening_counts %},
        coalesce(opening.{{ count }}, 0) as {{ count }}
        {%- endfor %},
        coalesce(closing.acquisition_cost_amount, 0) as acquisition_cost_amount,
        coalesce(earned.transacting_customer_count, 0) as transacting_customer_count,
        coalesce(earned.ordering_customer_count, 0) as ordering_customer_count,
        coalesce(earned.order_count, 0) as order_count
        {%- for amount in waterfall_amounts() %},
        coalesce(earned.{{ amount }}, 0) as {{ amount }}
        {%- endfor %},
        coalesce(voices.feedback_answer_count, 0) as feedback_answer_count,
        coalesce(voices.feedback_total, 0) as feedback_total,
        coalesce(voices.using_customer_count, 0) as using_customer_count,
        lifetime_values.expected_value_amount,
        lifetime_values.lifetime_value_amount,
        lifetime_values.ltv_to_cac
    from keys
    cross join calendar
    left join segments
        on keys.segment_id = segments.segment_id
    left join earned
        on keys.month = earned.month
        and keys.segment_id = earned.segment_id
    left join closing
        on keys.month = closing.month
        and keys.segment_id = closing.segment_id
    left join opening
        on keys.month = opening.month
        and keys.segment_id = opening.segment_id
    left join voices
        on keys.month = voices.month
        and keys.segment_id = voices.segment_id
    left join lifetime_values
        on keys.month = lifetime_values.month
        and keys.segment_id = lifetime_values.segment_id
),

final as (
    select
        month,
        segment_id,
        segment_name,
        segment_order,
        is_complete_month,
        {%- for count in counts + opening_counts + earned_counts if count != 'bought_product_group_count' %}
        cast({{ count }} as bigint) as {{ count }},
        {%- endfor %}
        {{ ratio('retained_count', 'opening_active_count') }} as retention_rate,
        {{ ratio('churned_count', 'opening_unchurned_count') }} as churn_rate,
        {%- for amount in waterfall_amounts() %}
        cast({{ amount }} as {{ money_total() }}) as {{ amount }},
        {%- endfor %}
        {{ rounded_to_cents(ratio('gross_sales_amount - discount_amount', 'order_count')) }} as average_order_value_amount,
        {{ share_of_total('gross_margin_amount', 'net_revenue_amount') }} as gross_margin_rate,
        {{ share_of_total('cost_to_serve_amount', 'net_revenue_amount') }} as cost_to_serve_rate,
        {{ share_of_total('customer_margin_amount', 'net_revenue_amount') }} as customer_margin_rate,
        {{ share_of_total('customer_profit_amount', 'net_revenue_amount') }} as customer_profit_rate,
        cast(acquisition_cost_amount as {{ money_total() }}) as acquisition_cost_amount,
        {{ amount_per_customer('acquisition_cost_amount', 'customer_count') }} as cac_amount,
        {{ ratio('bought_product_group_count', 'customer_count') }} as average_product_group_count,
        cast(feedback_answer_count as bigint) as feedback_answer_count,
        {{ ratio('cast(feedback_total as decimal(18, 4))', 'feedback_answer_count') }} as feedback_score,
        cast(using_customer_count as bigint) as using_customer_count,
        {{ ratio('using_customer_count', 'customer_count') }} as usage_rate,
        cast(expected_value_amount as {{ money_total() }}) as expected_value_amount,
        cast(lifetime_value_amount as {{ money_total() }}) as lifetime_value_amount,
        ltv_to_cac
    from joined
)

select * from final

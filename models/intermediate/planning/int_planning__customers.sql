{{ config(pre_hook="{{ refuse_broken_plans() }}") }}
{%- set amounts = plan_lines().values() | list %}
{%- set traits = plan_traits() %}

-- depends_on: {{ ref('plan_resources') }}
-- depends_on: {{ ref('plan_scenarios') }}
-- depends_on: {{ ref('plan_initiatives') }}
-- depends_on: {{ ref('plan_initiative_costs') }}
-- depends_on: {{ ref('plan_settings') }}
-- depends_on: {{ ref('dim_channel') }}
-- depends_on: {{ ref('dim_product') }}
-- depends_on: {{ ref('fct_order_lines') }}
-- depends_on: {{ ref('activity_drivers') }}
-- depends_on: {{ ref('segments') }}
-- depends_on: {{ ref('media_sources') }}
-- depends_on: {{ ref('cost_pools') }}
-- depends_on: {{ ref('cost_activities') }}
-- depends_on: {{ ref('waterfall_lines') }}
with

calendar as (
    {{ plan_calendar() }}
),

settings as (
    select {{ normal_quantile('((1 + ' ~ value_setting('interval_level') ~ ') / 2)') }} as normal_width
),

waterfall as (
    select * from {{ ref('int_customers__waterfall') }}
),

lifetime_values as (
    select
        customer_id,
        is_unattributed,
        segment_id,
        probability_alive,
        expected_purchases_12m,
        expected_purchases_36m,
        expected_spend_amount,
        margin_rate,
        expected_margin_12m_amount,
        expected_margin_36m_amount,
        expected_low_amount,
        expected_high_amount
    from {{ ref('customer_lifetime_value') }}
),

contracts as (
    select
        customer_id,
        contract_amount_12m,
        contract_amount_36m
    from {{ ref('int_value__contract_scores') }}
    where basis = 'full'
),

acquired as (
    select
        customer_id,
        media_source,
        is_won_in_window
    from {{ ref('int_planning__first_orders') }}
),

attributes as (
    select
        customer_id,
        territory_id,
        coalesce(industry, 'none') as industry,
        sales_rep_id
    from {{ ref('dim_customer') }}
),

changes as (
    select
        customers,
        {{ traits | join(',\n        ') }}
    from {{ ref('plan_changes') }}
),

named_lists as (
    select distinct customers
    from changes
    where customers is not null
),

{%- for trait in traits %}

named_{{ trait }} as (
    select distinct {{ trait }}
    from changes
    where {{ trait }} is not null
),
{%- endfor %}

-- The lines of the waterfall as each customer has had them so far, and what it left in the window.
histories as (
    select
        waterfall.customer_id,
        {%- for amount in amounts %}
        cast(sum(waterfall.{{ amount }}) as {{ money_total() }}) as {{ amount }},
        {%- endfor %}
        cast(sum(case when waterfall.month > calendar.before_window then waterfall.order_count else 0 end) as bigint) as window_order_count,
        cast(sum(case when waterfall.month > calendar.before_window and waterfall.order_count > 0 then 1 else 0 end) as bigint)
            as window_active_months,
        sum(case when waterfall.month > calendar.before_window and not waterfall.is_unattributed then waterfall.customer_profit_amount end)
            as profit_amount
    from waterfall
    cross join calendar
    where waterfall.month <= calendar.as_of_month
    group by waterfall.customer_id
),

-- Who loses most in the window, so that plans can name them by their place.
ranked as (
    select
        *,
        case when profit_amount < 0 then row_number() over (partition by profit_amount < 0 order by profit_amount, customer_id) end as loss_rank
    from histories
),

valued as (
    select
        lifetime_values.*,
        {%- for amount in amounts %}
        ranked.{{ amount }},
        {%- endfor %}
        ranked.window_order_count,
        ranked.window_active_months,
        ranked.loss_rank
    from lifetime_values
    left join ranked
        on lifetime_values.customer_id = ranked.customer_id
),

-- Customers whom a scenario names stand by themselves; there are few.
named as (
    select distinct valued.customer_id
    from valued
    cross join named_lists
    where {{ is_named_customer('named_lists.customers', 'valued.customer_id', 'valued.loss_rank') }}
),

final as (
    select
        valued.customer_id,
        case when valued.is_unattributed then 'unattributed' else 'existing' end as cohort_kind,
        valued.segment_id,
        coalesce(acquired.media_source, 'none') as media_source,
        coalesce(named.customer_id, '') as named_customer_id,
        cast(case when named.customer_id is not null then valued.loss_rank end as bigint) as loss_rank,
        coalesce(acquired.is_won_in_window, false) as is_won_in_window,
        {%- for trait in traits %}
        coalesce(named_{{ trait }}.{{ trait }}, '') as {{ trait }},
        {%- endfor %}
        coalesce(valued.expected_purchases_36m > 0 or contracts.contract_amount_36m > 0, false) as is_expected,
        coalesce(
            valued.probability_alive,
            case when valued.expected_purchases_36m > 0 or contracts.contract_amount_36m > 0 then 1e0 else 0e0 end
        ) as alive,
        valued.expected_purchases_12m as purchases_1,
        valued.expected_purchases_36m - valued.expected_purchases_12m as purchases_2,
        valued.expected_purchases_12m * coalesce(cast(valued.expected_spend_amount as double), 0e0) as net_sales_1,
        (valued.expected_purchases_36m - valued.expected_purchases_12m) * coalesce(cast(valued.expected_spend_amount as double), 0e0) as net_sales_2,
        coalesce(contracts.contract_amount_12m, 0e0) as contract_sales_1,
        coalesce(contracts.contract_amount_36m, 0e0) - coalesce(contracts.contract_amount_12m, 0e0) as contract_sales_2,
        valued.margin_rate,
        valued.expected_margin_12m_amount as margin_1_amount,
        cast(valued.expected_margin_36m_amount - valued.expected_margin_12m_amount as {{ money_total() }}) as margin_2_amount,
        power(cast(valued.expected_high_amount - valued.expected_low_amount as double) / (2 * settings.normal_width), 2) as variance_36m,
        {%- for amount in amounts %}
        valued.{{ amount }},
        {%- endfor %}
        valued.window_order_count,
        valued.window_active_months
    from valued
    cross join calendar
    cross join settings
    left join named
        on valued.customer_id = named.customer_id
    left join acquired
        on valued.customer_id = acquired.customer_id
    left join contracts
        on valued.customer_id = contracts.customer_id
    left join attributes
        on valued.customer_id = attributes.customer_id
    {%- for trait in traits %}
    left join named_{{ trait }}
        on attributes.{{ trait }} = named_{{ trait }}.{{ trait }}
    {%- endfor %}
)

select * from final

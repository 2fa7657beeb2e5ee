{{ config(pre_hook="{{ refuse_broken_plans() }}") }}
{%- set amounts = plan_lines().values() | list -%}
{%- set effects = plan_effects() %}
{%- set age = dbt.datediff('acquired.first_order_month', 'waterfall.month', 'month') %}

-- depends_on: {{ ref('plan_resources') }}
-- depends_on: {{ ref('plan_scenarios') }}
-- depends_on: {{ ref('plan_initiatives') }}
-- depends_on: {{ ref('plan_initiative_costs') }}
-- depends_on: {{ ref('dim_channel') }}
-- depends_on: {{ ref('dim_customer') }}
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
    select
        calendar.*,
        -- Of customers of the very first month nobody knows whether they were new.
        greatest(calendar.before_window, calendar.first_month) as won_after,
        least(greatest({{ plan_setting('horizon_months') }}, 12e0), 36e0) as horizon_months,
        {{ plan_setting('new_customer_growth') }} as new_customer_growth,
        {{ normal_quantile('((1 + ' ~ value_setting('interval_level') ~ ') / 2)') }} as normal_width
    from calendar
),

-- The 36 months after the last one that is known: amounts of a year are spread over all months of that year.
plan_months as (
    select
        {{ month_after('settings.as_of_month', 'whole_numbers.number + 1') }} as month,
        whole_numbers.number + 1 as month_number,
        case when whole_numbers.number < 12 then 1 else 2 end as part,
        cast(extract(month from {{ month_after('settings.as_of_month', 'whole_numbers.number + 1') }}) as integer) as month_of_year,
        settings.horizon_months
    from settings
    cross join {{ whole_numbers(36) }}
),

waterfall as (
    select * from {{ ref('int_customers__waterfall') }}
),

lifetime_values as (
    select * from {{ ref('customer_lifetime_value') }}
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
        first_channel_id,
        first_order_month
    from {{ ref('customer_acquisition') }}
),

order_lines as (
    select
        customer_id,
        channel_id,
        order_id,
        month,
        net_sales_amount
    from {{ ref('fct_order_lines') }}
    where order_id is not null
),

changes as (
    select distinct customers
    from {{ ref('plan_changes') }}
    where customers is not null
),

-- Seasonality needs two whole years: each month against the mean of its year, without the growth within the year.
monthly_sales as (
    select
        waterfall.month,
        cast(extract(month from waterfall.month) as integer) as month_of_year,
        cast(floor(({{ dbt.datediff('waterfall.month', 'settings.as_of_month', 'month') }}) / 12e0) as integer) as years_ago,
        11 - ({{ dbt.datediff('waterfall.month', 'settings.as_of_month', 'month') }}) % 12 as place,
        cast(sum(waterfall.gross_sales_amount - waterfall.discount_amount) as double) as net_sales
    from waterfall
    cross join settings
    where
        waterfall.month <= settings.as_of_month
        and waterfall.month > {{ month_after('settings.as_of_month', '-12 * cast(floor(settings.history_months / 12e0) as integer)') }}
        and settings.history_months >= 24
    group by
        waterfall.month,
        settings.as_of_month
),

yearly_sales as (
    select
        years_ago,
        sum(net_sales) as net_sales,
        lag(sum(net_sales)) over (order by years_ago desc) as sales_before
    from monthly_sales
    group by years_ago
),

grown_months as (
    select
        monthly_sales.month_of_year,
        monthly_sales.net_sales
        / nullif(power(greatest(coalesce(
            yearly_sales.net_sales / nullif(yearly_sales.sales_before, 0),
            max(yearly_sales.net_sales / nullif(yearly_sales.sales_before, 0)) over (), 1e0
        ), 1e-2), (monthly_sales.place - 5.5e0) / 12), 0) / nullif(yearly_sales.net_sales / 12, 0) as season
    from monthly_sales
    inner join yearly_sales
        on monthly_sales.years_ago = yearly_sales.years_ago
),

seasons as (
    select
        month_of_year,
        greatest(avg(season), 0e0) as season
    from grown_months
    group by month_of_year
),

-- Who loses most in the window, so that plans can name them by their place.
profits as (
    select
        waterfall.customer_id,
        sum(waterfall.customer_profit_amount) as profit_amount
    from waterfall
    cross join settings
    where waterfall.month > settings.before_window and waterfall.month <= settings.as_of_month and not waterfall.is_unattributed
    group by waterfall.customer_id
),

loss_makers as (
    select
        customer_id,
        row_number() over (order by profit_amount, customer_id) as loss_rank
    from profits
    where profit_amount < 0
),

-- Customers whom a scenario names stand by themselves; there are few.
named as (
    select
        lifetime_values.customer_id,
        min(loss_makers.loss_rank) as loss_rank
    from lifetime_values
    cross join changes
    left join loss_makers
        on lifetime_values.customer_id = loss_makers.customer_id
    where {{ is_named_customer('changes.customers', 'lifetime_values.customer_id', 'loss_makers.loss_rank') }}
    group by lifetime_values.customer_id
),

customers as (
    select
        lifetime_values.*,
        case when lifetime_values.is_unattributed then 'unattributed' else 'existing' end as cohort_kind,
        coalesce(acquired.media_source, 'none') as media_source,
        coalesce(acquired.first_order_month > settings.won_after, false) as is_won_in_window,
        named.customer_id as named_customer_id,
        named.loss_rank,
        coalesce(contracts.contract_amount_12m, 0e0) as contract_amount_12m,
        coalesce(contracts.contract_amount_36m, 0e0) as contract_amount_36m,
        settings.normal_width
    from lifetime_values
    cross join settings
    left join acquired
        on lifetime_values.customer_id = acquired.customer_id
    left join named
        on lifetime_values.customer_id = named.customer_id
    left join contracts
        on lifetime_values.customer_id = contracts.customer_id
),

-- What a group of customers is expected to do in the first year, and in the two after it.
expected as (
    select
        cohort_kind,
        segment_id,
        media_source,
        named_customer_id,
        min(loss_rank) as loss_rank,
        count(*) as customer_count,
        sum(coalesce(probability_alive, case when expected_purchases_36m > 0 or contract_amount_36m > 0 then 1e0 else 0e0 end)) as alive_count,
        sum(expected_purchases_12m) as purchases_1,
        sum(expected_purchases_36m - expected_purchases_12m) as purchases_2,
        sum(expected_purchases_12m * coalesce(cast(expected_spend_amount as double), 0e0)) as net_sales_1,
        sum((expected_purchases_36m - expected_purchases_12m) * coalesce(cast(expected_spend_amount as double), 0e0)) as net_sales_2,
        sum(contract_amount_12m) as contract_sales_1,
        sum(contract_amount_36m - contract_amount_12m) as contract_sales_2,
        sum(margin_rate * contract_amount_12m) as contract_margin_1,
        sum(margin_rate * (contract_amount_36m - contract_amount_12m)) as contract_margin_2,
        cast(sum(expected_margin_12m_amount) as double) as margin_1,
        cast(sum(expected_margin_36m_amount - expected_margin_12m_amount) as double) as margin_2,
        sum(power(cast(expected_high_amount - expected_low_amount as double) / (2 * normal_width), 2)) as variance_36m
    from customers
    where expected_purchases_36m > 0 or contract_amount_36m > 0
    group by
        cohort_kind,
        segment_id,
        media_source,
        named_customer_id
),

-- How much of the purchases is left a year later: the positive root of what the two further years have of the first.
decaying as (
    select
        *,
        greatest(least(coalesce(
            (-1 + sqrt(1 + 4 * greatest(purchases_2, 0e0) / nullif(purchases_1, 0))) / 2, 1e0
        ), 1e0), 1e-3) as yearly_retention
    from expected
),

weighed as (
    select
        decaying.*,
        plan_months.month,
        plan_months.month_number,
        plan_months.part,
        power(decaying.yearly_retention, (plan_months.month_number - 0.5e0) / 12) * coalesce(seasons.season, 1e0) as weight,
        case plan_months.part when 1 then 1 / 12e0 else 1 / 24e0 end as contract_share
    from decaying
    cross join plan_months
    left join seasons
        on plan_months.month_of_year = seasons.month_of_year
),

shared as (
    select
        *,
        weight / nullif(sum(weight) over (partition by cohort_kind, segment_id, media_source, named_customer_id, part), 0) as month_share
    from weighed
),

monthly as (
    select
        cohort_kind,
        segment_id,
        media_source,
        named_customer_id,
        loss_rank,
        yearly_retention,
        month,
        month_number,
        alive_count * power(yearly_retention, month_number / 12e0) as customers,
        month_share * case part when 1 then purchases_1 else purchases_2 end as orders,
        month_share * case part when 1 then net_sales_1 else net_sales_2 end
        + contract_share * case part when 1 then contract_sales_1 else contract_sales_2 end as net_sales,
        month_share * case part when 1 then margin_1 - contract_margin_1 else margin_2 - contract_margin_2 end
        + contract_share * case part when 1 then contract_margin_1 else contract_margin_2 end as margin,
        month_share * case part when 1 then 0.4e0 else 0.6e0 end * variance_36m as variance
    from shared
),

-- Which orders, through which channel, and what they leave: of the window, by group; and of all customers where a group has none.
groups_of_customers as (
    select
        customer_id,
        cohort_kind,
        segment_id,
        media_source,
        named_customer_id
    from customers

    union all

    -- Customers who were won in the window say what new ones will be like.
    select
        customer_id,
        'new' as cohort_kind,
        'new' as segment_id,
        media_source,
        cast(null as {{ dbt.type_string() }}) as named_customer_id
    from customers
    where is_won_in_window
),

sold as (
    select
        order_lines.customer_id,
        order_lines.channel_id,
        count(distinct order_lines.order_id) as order_count,
        greatest(cast(sum(order_lines.net_sales_amount) as double), 0e0) as net_sales
    from order_lines
    cross join settings
    where order_lines.month > settings.before_window and order_lines.month <= settings.as_of_month
    group by
        order_lines.customer_id,
        order_lines.channel_id
),

sold_by_group as (
    select
        groups_of_customers.cohort_kind,
        groups_of_customers.segment_id,
        groups_of_customers.media_source,
        groups_of_customers.named_customer_id,
        sold.channel_id,
        cast(sum(sold.order_count) as double) as order_count,
        sum(cast(sold.net_sales as decimal(28, 4))) as net_sales
    from groups_of_customers
    inner join sold
        on groups_of_customers.customer_id = sold.customer_id
    group by
        groups_of_customers.cohort_kind,
        groups_of_customers.segment_id,
        groups_of_customers.media_source,
        groups_of_customers.named_customer_id,
        sold.channel_id
),

all_sold as (
    select
        channel_id,
        cast(sum(order_count) as double) as order_count,
        sum(cast(net_sales as decimal(28, 4))) as net_sales
    from sold
    group by channel_id
),

channels as (
    select
        cohort_kind,
        segment_id,
        media_source,
        named_customer_id,
        channel_id,
        order_count / nullif(sum(order_count) over (partition by cohort_kind, segment_id, media_source, named_customer_id), 0) as order_share,
        cast(net_sales as double)
        / nullif(cast(sum(net_sales) over (partition by cohort_kind, segment_id, media_source, named_customer_id) as double), 0) as sales_share
    from sold_by_group
),

all_channels as (
    select
        channel_id,
        order_count / nullif(sum(order_count) over (), 0) as order_share,
        cast(net_sales as double) / nullif(cast(sum(net_sales) over () as double), 0) as sales_share
    from all_sold
),

-- The lines of the waterfall as the group has had them so far, which is what its margin rate comes from.
histories as (
    select
        waterfall.customer_id,
        {%- for amount in amounts %}
        sum(waterfall.{{ amount }}) as {{ amount }},
        {%- endfor %}
        sum(case when waterfall.month > settings.before_window then waterfall.order_count else 0 end) as window_order_count,
        sum(case when waterfall.month > settings.before_window and waterfall.order_count > 0 then 1 else 0 end) as window_active_months
    from waterfall
    cross join settings
    where waterfall.month <= settings.as_of_month
    group by waterfall.customer_id
),

compositions as (
    select
        groups_of_customers.cohort_kind,
        groups_of_customers.segment_id,
        groups_of_customers.media_source,
        groups_of_customers.named_customer_id,
        {%- for amount in amounts %}
        cast(sum(histories.{{ amount }}) as double) as {{ amount }},
        {%- endfor %}
        cast(sum(histories.window_active_months) as double) / nullif(sum(histories.window_order_count), 0) as active_share
    from groups_of_customers
    inner join histories
        on groups_of_customers.customer_id = histories.customer_id
    group by
        groups_of_customers.cohort_kind,
        groups_of_customers.segment_id,
        groups_of_customers.media_source,
        groups_of_customers.named_customer_id
),

-- Of a unit of net sales; what is deducted from it is scaled so that what is left is the margin that is expected of these very customers.
rated as (
    select
        monthly.*,
        coalesce(compositions.active_share, 1e0) as active_share,
        coalesce(compositions.gross_sales_amount - compositions.discount_amount, 0e0) as base_sales,
        {%- for amount in amounts %}
        coalesce(compositions.{{ amount }} / nullif(compositions.gross_sales_amount - compositions.discount_amount, 0), 0e0) as {{ amount }}_rate,
        {%- endfor %}
        monthly.net_sales - monthly.margin as deductions
    from monthly
    left join compositions
        on monthly.cohort_kind = compositions.cohort_kind
        and monthly.segment_id = compositions.segment_id
        and monthly.media_source = compositions.media_source
        and coalesce(monthly.named_customer_id, '') = coalesce(compositions.named_customer_id, '')
    where monthly.cohort_kind = 'existing'
),

scaled as (
    select
        *,
        (
            {%- for amount in amounts if amount not in ['gross_sales_amount', 'discount_amount'] %}
            {{ ' + ' if not loop.first }}{{ amount }}_rate
            {%- endfor %}
        ) * net_sales as usual_deductions
    from rated
),

existing as (
    select
        cohort_kind,
        segment_id,
        media_source,
        named_customer_id,
        loss_rank,
        yearly_retention,
        cast(null as date) as won_month,
        month,
        month_number,
        customers,
        orders,
        active_share,
        net_sales * case when gross_sales_amount_rate > 0 then gross_sales_amount_rate else 1e0 end as gross_sales_amount,
        net_sales * case when gross_sales_amount_rate > 0 then discount_amount_rate else 0e0 end as discount_amount,
        {%- for amount in amounts if amount not in ['gross_sales_amount', 'discount_amount', 'cost_to_serve_amount'] %}
        case when usual_deductions > 0 and deductions > 0 then deductions / usual_deductions else 0e0 end * net_sales * {{ amount }}_rate
            as {{ amount }},
        {%- endfor %}
        -- Where nothing was deducted so far, or nothing is left to deduct, what the margin differs by is cost to serve.
        case
            when usual_deductions > 0 and deductions > 0 then deductions / usual_deductions * net_sales * cost_to_serve_amount_rate else deductions
        end as cost_to_serve_amount,
        variance
    from scaled
),

-- New customers: as many as in the same month of the year before, each buying as those of the window did at the same age.
won as (
    select
        acquired.media_source,
        acquired.first_order_month as won_month,
        cast(count(*) as double) as customer_count
    from acquired
    cross join settings
    where acquired.first_order_month > settings.won_after and acquired.first_order_month <= settings.as_of_month
    group by
        acquired.media_source,
        acquired.first_order_month
),

mean_won as (
    select
        won.media_source,
        sum(won.customer_count) / nullif(max({{ dbt.datediff('settings.won_after', 'settings.as_of_month', 'month') }}), 0) as customer_count
    from won
    cross join settings
    group by won.media_source
),

to_win as (
    select
        mean_won.media_source,
        plan_months.month as won_month,
        plan_months.month_number,
        -- Where no whole year is known, the mean month.
        case
            when settings.history_months > 12 and settings.window_months >= 12 then coalesce(won.customer_count, 0e0) else mean_won.customer_count
        end * power(1 + settings.new_customer_growth, ceil(plan_months.month_number / 12e0)) as customer_count
    from mean_won
    cross join plan_months
    cross join settings
    left join won
        on mean_won.media_source = won.media_source
        and won.won_month = {{ month_after('plan_months.month', '-12 * cast(ceil(plan_months.month_number / 12e0) as integer)') }}
    where plan_months.month_number <= plan_months.horizon_months
),

aged as (
    select
        {{ age }} as age,
        {%- for amount in amounts %}
        cast(sum(waterfall.{{ amount }}) as double) as {{ amount }},
        {%- endfor %}
        cast(sum(waterfall.order_count) as double) as orders,
        cast(sum(case when waterfall.order_count > 0 then 1 else 0 end) as double) as active_customers
    from waterfall
    inner join acquired
        on waterfall.customer_id = acquired.customer_id
    cross join settings
    where
        acquired.first_order_month > settings.won_after and waterfall.month <= settings.as_of_month
        and waterfall.month >= acquired.first_order_month
    group by
        {{ age }}
),

-- Customers of the window who have reached an age already.
reached as (
    select
        whole_numbers.number as age,
        sum(won.customer_count) as customer_count
    from won
    cross join settings
    cross join {{ whole_numbers(36) }}
    where
        {{ dbt.datediff('won.won_month', 'settings.as_of_month', 'month') }}
        >= whole_numbers.number
    group by whole_numbers.number
),

curves as (
    select
        reached.age,
        {%- for amount in amounts + ['orders', 'active_customers'] %}
        coalesce(aged.{{ amount }}, 0e0) / reached.customer_count as {{ amount }},
        {%- endfor %}
        max(reached.age) over () as last_age
    from reached
    left join aged
        on reached.age = aged.age
),

-- An age that nobody has reached yet is like the last one that somebody has.
new_months as (
    select
        to_win.media_source,
        to_win.won_month,
        plan_months.month,
        plan_months.month_number,
        to_win.customer_count,
        curves.*
    from to_win
    inner join plan_months
        on to_win.month_number <= plan_months.month_number
    inner join curves
        on least(plan_months.month_number - to_win.month_number, curves.last_age) = curves.age
),

new_customers as (
    select
        'new' as cohort_kind,
        'new' as segment_id,
        media_source,
        cast(null as {{ dbt.type_string() }}) as named_customer_id,
        cast(null as bigint) as loss_rank,
        cast(null as double) as yearly_retention,
        won_month,
        month,
        month_number,
        customer_count as customers,
        customer_count * orders as orders,
        coalesce(active_customers / nullif(orders, 0), 1e0) as active_share,
        {%- for amount in amounts %}
        customer_count * {{ amount }} as {{ amount }},
        {%- endfor %}
        2 * customer_count * power(
            {%- for amount, effect in effects.items() %}
            {{ '- ' if effect < 0 else '' }}{{ amount }}
            {%- endfor %}, 2
        ) as variance
    from new_months
    where customer_count > 0
),

-- Sales that name no customer go on as they were in the window.
unattributed as (
    select
        'unattributed' as cohort_kind,
        'none' as segment_id,
        'none' as media_source,
        cast(null as {{ dbt.type_string() }}) as named_customer_id,
        cast(null as bigint) as loss_rank,
        cast(null as double) as yearly_retention,
        cast(null as date) as won_month,
        plan_months.month,
        plan_months.month_number,
        cast(0 as double) as customers,
        sum(cast(waterfall.order_count as double)) / max(settings.window_months) * coalesce(max(seasons.season), 1e0) as orders,
        cast(1 as double) as active_share,
        {%- for amount in amounts %}
        cast(sum(waterfall.{{ amount }}) as double) / max(settings.window_months) * coalesce(max(seasons.season), 1e0) as {{ amount }},
        {%- endfor %}
        cast(0 as double) as variance
    from waterfall
    cross join settings
    cross join plan_months
    left join seasons
        on plan_months.month_of_year = seasons.month_of_year
    where
        waterfall.is_unattributed and waterfall.month > settings.before_window and waterfall.month <= settings.as_of_month
    group by
        plan_months.month,
        plan_months.month_number
),

cells as (
    select * from existing
    union all
    select * from new_customers
    union all
    select * from unattributed
),

known_channels as (
    select distinct
        cohort_kind,
        segment_id,
        media_source,
        named_customer_id,
        1 as is_known
    from channels
    where sales_share is not null
),

-- A group that sold nothing through any channel in the window takes the channels of all; without any sale there is none.
placed as (
    select
        cells.*,
        coalesce(channels.channel_id, all_channels.channel_id, {{ unknown_member() }}) as channel_id,
        coalesce(channels.order_share, all_channels.order_share, 1e0) as order_share,
        coalesce(channels.sales_share, all_channels.sales_share, 1e0) as sales_share
    from cells
    left join known_channels
        on cells.cohort_kind = known_channels.cohort_kind
        and cells.segment_id = known_channels.segment_id
        and cells.media_source = known_channels.media_source
        and coalesce(cells.named_customer_id, '') = coalesce(known_channels.named_customer_id, '')
    left join channels
        on cells.cohort_kind = channels.cohort_kind
        and cells.segment_id = channels.segment_id
        and cells.media_source = channels.media_source
        and coalesce(cells.named_customer_id, '') = coalesce(channels.named_customer_id, '')
    left join all_channels
        on coalesce(known_channels.is_known, 0) = case when all_channels.channel_id is null then null else 0 end
    cross join settings
    where cells.month_number <= settings.horizon_months
),

final as (
    select
        cohort_kind,
        segment_id,
        channel_id,
        media_source,
        won_month,
        coalesce(named_customer_id, '') as named_customer_id,
        cast(loss_rank as bigint) as loss_rank,
        month,
        cast(month_number as integer) as month_number,
        round(yearly_retention, 10) as yearly_retention,
        round(customers * order_share, 10) as customers,
        round(orders * order_share, 10) as orders,
        round(orders * order_share * active_share, 10) as active_customers,
        {%- for amount in amounts %}
        round({{ amount }} * sales_share, 8) as {{ amount }},
        {%- endfor %}
        round(variance * sales_share, 8) as variance
    from placed
)

select * from final

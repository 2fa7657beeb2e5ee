{%- set amounts = plan_lines().values() | list -%}
{%- set effects = plan_effects() %}
{%- set group = ['cohort_kind', 'segment_id', 'media_source', 'named_customer_id'] %}
{%- set year_ago = month_after('plan_months.month', '-12 * cast(ceil(plan_months.month_number / 12e0) as integer)') %}
{%- set age = dbt.datediff('acquired.first_order_month', 'waterfall.month', 'month') %}

with

calendar as (
    {{ plan_calendar() }}
),

waterfall as (
    select * from {{ ref('int_customers__waterfall') }}
),

shares as (
    select * from {{ ref('int_planning__cell_shares') }}
),

customers as (
    select * from {{ ref('int_planning__customers') }}
),

acquired as (
    select
        customer_id,
        media_source,
        first_order_month
    from {{ ref('int_planning__first_orders') }}
    where is_won_in_window
),

-- Seasonality needs two whole years: each month against the mean of its year, without the growth within the year.
monthly_sales as (
    select
        waterfall.month,
        cast(extract(month from waterfall.month) as integer) as month_of_year,
        cast(floor(({{ dbt.datediff('waterfall.month', 'calendar.as_of_month', 'month') }}) / 12e0) as integer) as years_ago,
        11 - ({{ dbt.datediff('waterfall.month', 'calendar.as_of_month', 'month') }}) % 12 as place,
        cast(sum(waterfall.gross_sales_amount - waterfall.discount_amount) as double) as net_sales
    from waterfall
    cross join calendar
    where
        waterfall.month <= calendar.as_of_month
        and waterfall.month > {{ month_after('calendar.as_of_month', '-12 * cast(floor(calendar.history_months / 12e0) as integer)') }}
        and calendar.history_months >= 24
    group by
        waterfall.month,
        calendar.as_of_month
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

years as (
    select count(*) as year_count
    from yearly_sales
),

-- A month in which nothing is sold has no row, and is no average one.
averaged as (
    select
        whole_numbers.number + 1 as month_of_year,
        greatest(coalesce(sum(grown_months.season), 0e0) / max(years.year_count), 0e0) as season
    from {{ whole_numbers(12) }}
    cross join years
    left join grown_months
        on whole_numbers.number + 1 = grown_months.month_of_year
    where years.year_count > 0
    group by whole_numbers.number
),

-- Twelve months are a year: growth within it is taken out month by month, so what is left of it is scaled.
seasons as (
    select
        month_of_year,
        season / nullif(avg(season) over (), 0) as season
    from averaged
),

-- The 36 months after the last one that is known: amounts of a year are spread over all months of that year.
numbered as (
    select
        {{ month_after('calendar.as_of_month', 'whole_numbers.number + 1') }} as month,
        whole_numbers.number + 1 as month_number
    from calendar
    cross join {{ whole_numbers(36) }}
),

plan_months as (
    select
        numbered.month,
        numbered.month_number,
        case when numbered.month_number <= 12 then 1 else 2 end as part,
        coalesce(seasons.season, 1e0) as season
    from numbered
    left join seasons
        on cast(extract(month from numbered.month) as integer) = seasons.month_of_year
),

-- What a group of customers is expected to do in the first year and in the two after it, and the lines that it has had so far.
expected as (
    select
        {{ group | join(',\n        ') }},
        max(loss_rank) as loss_rank,
        sum(case when is_expected then 1 else 0 end) as customer_count,
        {%- for amount in ['purchases_1', 'purchases_2', 'net_sales_1', 'net_sales_2', 'contract_sales_1', 'contract_sales_2'] %}
        sum(case when is_expected then {{ amount }} end) as {{ amount }},
        {%- endfor %}
        sum(case when is_expected then alive end) as alive_count,
        sum(case when is_expected then margin_rate * contract_sales_1 end) as contract_margin_1,
        sum(case when is_expected then margin_rate * contract_sales_2 end) as contract_margin_2,
        cast(sum(case when is_expected then margin_1_amount end) as double) as margin_1,
        cast(sum(case when is_expected then margin_2_amount end) as double) as margin_2,
        sum(case when is_expected then variance_36m end) as variance_36m,
        {%- for amount in amounts %}
        cast(sum({{ amount }}) as double) as {{ amount }},
        {%- endfor %}
        cast(sum(window_active_months) as double) / nullif(sum(window_order_count), 0) as active_share
    from customers
    where cohort_kind = 'existing'
    group by
        {{ group | join(',\n        ') }}
),

-- How much of the purchases is left a year later: the positive root of what the two further years have of the first.
decaying as (
    select
        *,
        greatest(least(coalesce(
            (-1 + sqrt(1 + 4 * greatest(purchases_2, 0e0) / nullif(purchases_1, 0))) / 2, 1e0
        ), 1e0), 1e-3) as yearly_retention
    from expected
    where customer_count > 0
),

weighed as (
    select
        decaying.*,
        plan_months.month,
        plan_months.month_number,
        plan_months.part,
        power(decaying.yearly_retention, (plan_months.month_number - 0.5e0) / 12) * plan_months.season as weight,
        case plan_months.part when 1 then 1 / 12e0 else 1 / 24e0 end as contract_share
    from decaying
    cross join plan_months
),

shared as (
    select
        *,
        weight / nullif(sum(weight) over (partition by {{ group | join(', ') }}, part), 0) as month_share
    from weighed
),

-- Of a unit of net sales; what is deducted from it is scaled so that what is left is the margin that is expected of these very customers.
rated as (
    select
        {{ group | join(',\n        ') }},
        loss_rank,
        yearly_retention,
        month,
        month_number,
        coalesce(active_share, 1e0) as active_share,
        alive_count * power(yearly_retention, month_number / 12e0) as customers,
        month_share * case part when 1 then purchases_1 else purchases_2 end as orders,
        month_share * case part when 1 then net_sales_1 else net_sales_2 end
        + contract_share * case part when 1 then contract_sales_1 else contract_sales_2 end as net_sales,
        month_share * case part when 1 then margin_1 - contract_margin_1 else margin_2 - contract_margin_2 end
        + contract_share * case part when 1 then contract_margin_1 else contract_margin_2 end as margin,
        {%- for amount in amounts %}
        coalesce({{ amount }} / nullif(gross_sales_amount - discount_amount, 0), 0e0) as {{ amount }}_rate,
        {%- endfor %}
        month_share * case part when 1 then 0.4e0 else 0.6e0 end * variance_36m as variance
    from shared
),

scaled as (
    select
        *,
        net_sales - margin as deductions,
        (
            {%- for amount in amounts if amount not in ['gross_sales_amount', 'discount_amount'] %}
            {{ ' + ' if not loop.first }}{{ amount }}_rate
            {%- endfor %}
        ) * net_sales as usual_deductions
    from rated
),

existing as (
    select
        {{ group | join(',\n        ') }},
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

-- New customers: as many as in the same month of the last year, each buying as those of the window did at the same age.
won as (
    select
        acquired.media_source,
        acquired.first_order_month as won_month,
        cast(count(*) as double) as customer_count
    from acquired
    group by
        acquired.media_source,
        acquired.first_order_month
),

mean_won as (
    select
        won.media_source,
        sum(won.customer_count) / nullif(max({{ dbt.datediff('calendar.won_after', 'calendar.as_of_month', 'month') }}), 0) as customer_count
    from won
    cross join calendar
    group by won.media_source
),

to_win as (
    select
        mean_won.media_source,
        plan_months.month as won_month,
        plan_months.month_number,
        -- Where nobody knows who was new in that month, the mean month of those of which it is known.
        case
            when {{ year_ago }} > calendar.won_after then coalesce(won.customer_count, 0e0)
            else mean_won.customer_count
        end * power(1 + {{ plan_setting('new_customer_growth') }}, ceil(plan_months.month_number / 12e0)) as customer_count
    from mean_won
    cross join plan_months
    cross join calendar
    left join won
        on mean_won.media_source = won.media_source
        and won.won_month = {{ year_ago }}
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
    cross join calendar
    where waterfall.month <= calendar.as_of_month and waterfall.month >= acquired.first_order_month
    group by
        {{ age }}
),

-- Customers of the window who have reached an age already.
reached as (
    select
        whole_numbers.number as age,
        sum(won.customer_count) as customer_count
    from won
    cross join calendar
    cross join {{ whole_numbers(36) }}
    where
        {{ dbt.datediff('won.won_month', 'calendar.as_of_month', 'month') }}
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
        '' as named_customer_id,
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
        '' as named_customer_id,
        cast(null as bigint) as loss_rank,
        cast(null as double) as yearly_retention,
        cast(null as date) as won_month,
        plan_months.month,
        plan_months.month_number,
        cast(0 as double) as customers,
        sum(cast(waterfall.order_count as double)) / max(calendar.window_months) * max(plan_months.season) as orders,
        cast(1 as double) as active_share,
        {%- for amount in amounts %}
        cast(sum(waterfall.{{ amount }}) as double) / max(calendar.window_months) * max(plan_months.season) as {{ amount }},
        {%- endfor %}
        cast(0 as double) as variance
    from waterfall
    cross join calendar
    cross join plan_months
    where
        waterfall.is_unattributed and waterfall.month > calendar.before_window and waterfall.month <= calendar.as_of_month
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

final as (
    select
        cells.cohort_kind,
        cells.segment_id,
        coalesce(shares.channel_id, {{ unknown_member() }}) as channel_id,
        cells.media_source,
        cells.won_month,
        cells.named_customer_id,
        cells.loss_rank,
        {%- for part in plan_parts() %}
        coalesce(shares.{{ part }}, '') as {{ part }},
        {%- endfor %}
        cells.month,
        cast(cells.month_number as integer) as month_number,
        round(cells.yearly_retention, 10) as yearly_retention,
        round(cells.customers * coalesce(shares.customers, 1e0), 10) as customers,
        round(cells.orders * coalesce(shares.orders, 1e0), 10) as orders,
        round(cells.orders * coalesce(shares.orders, 1e0) * cells.active_share, 10) as active_customers,
        {%- for amount in amounts %}
        round(cells.{{ amount }} * coalesce(shares.{{ amount }}, 1e0), 8) as {{ amount }},
        {%- endfor %}
        round(cells.variance * coalesce(shares.variance, 1e0), 8) as variance
    from cells
    left join shares
        on {{ same_columns('cells', 'shares', group) }}
    where cells.month_number <= least(greatest({{ plan_setting('horizon_months') }}, 12e0), 36e0)
)

select * from final

{#- Unit kind -> expression of the unit in the cells. -#}
{%- set kinds = {
    'company': "'company'", 'segment': 'segment_id', 'product_group': 'product_group',
    'channel': 'coalesce(channel_id, ' ~ no_member() ~ ')', 'territory': 'territory_id',
} -%}

with

cells as (
    select * from {{ ref('int_profitability__cells') }}
),

comparisons as (
    select * from {{ ref('int_profitability__comparisons') }}
),

customer_months as (
    select * from {{ ref('int_customers__waterfall') }}
),

order_lines as (
    select
        customer_id,
        month,
        product_id,
        currency_code,
        quantity,
        gross_sales_original_amount,
        gross_sales_amount,
        discount_amount,
        cost_of_goods_amount
    from {{ ref('fct_order_lines') }}
),

budget_effects as (
    select * from {{ ref('int_variance__budget_effects') }}
),

months as (
    select distinct month
    from customer_months
),

span as (
    select
        min(month) as first_month,
        max(month) as last_month
    from months
),

-- Where a month stands: once in its own period, once in the one that is compared with the next.
slots as (
    {%- for kind, length in compared_periods().items() %}
    {%- set kind_loop = loop %}
    {%- for is_current in ['true', 'false'] %}
    {%- set period = period_of(kind, 'months.month') %}
    select
        '{{ kind }}' as period_kind,
        months.month,
        {{ is_current }} as is_current,
        {{ period if is_current == 'true' else month_after(period, length) }} as period,
        {{ month_after(period, -length) if is_current == 'true' else period }} as compared_period,
        cast({{ 1 if is_current == 'true' else -1 }} as integer) as side,
        -- Of the letter that says what a customer is in this comparison.
        cast({{ kind_loop.index * 2 - (1 if is_current == 'true' else 0) }} as integer) as place
    from months
    cross join span
    where
        {{ period if is_current == 'true' else month_after(period, length) }} > {{ period_of(kind, 'span.first_month') }}
        and {{ period if is_current == 'true' else month_after(period, length) }} <= {{ period_of(kind, 'span.last_month') }}
    {{- '

    union all
' if not loop.last }}
    {%- endfor %}
    {{- '

    union all
' if not loop.last }}
    {%- endfor %}
),

-- What one unit of a currency was worth in a period, by what was sold in it.
rates as (
    select
        slots.period_kind,
        slots.period,
        slots.compared_period,
        order_lines.currency_code,
        sum(case when slots.is_current then order_lines.gross_sales_amount end)
        / nullif(cast(sum(case when slots.is_current then order_lines.gross_sales_original_amount end) as double), 0) as rate_now,
        sum(case when not slots.is_current then order_lines.gross_sales_amount end)
        / nullif(cast(sum(case when not slots.is_current then order_lines.gross_sales_original_amount end) as double), 0) as rate_before
    from order_lines
    inner join slots
        on order_lines.month = slots.month
    where order_lines.currency_code <> {{ reporting_currency() }} and order_lines.gross_sales_amount is not null
    group by
        slots.period_kind,
        slots.period,
        slots.compared_period,
        order_lines.currency_code
),

factors as (
    select
        period_kind,
        period,
        currency_code,
        case when rate_now > 0 and rate_before > 0 then (rate_now + rate_before) / 2.0 / rate_now else 1 end as factor_now,
        case when rate_now > 0 and rate_before > 0 then (rate_now + rate_before) / 2.0 / rate_before else 1 end as factor_before
    from rates
),

-- What customers who bought in both periods of a comparison bought of an article, at the mean rate of exchange of both.
kept_cells as (
    select
        slots.period_kind,
        slots.period,
        slots.is_current,
        cells.product_id,
        cells.segment_id,
        cells.product_group,
        cells.channel_id,
        cells.territory_id,
        {{ kept_amounts('cells', 'slots', 'factors', 'sold_cost_of_goods_amount') }}
    from cells
    inner join slots
        on cells.month = slots.month
    left join factors
        on slots.period_kind = factors.period_kind
        and slots.period = factors.period
        and cells.currency_code = factors.currency_code
    where cells.product_id is not null and {{ customer_in_slot('cells', 'slots') }} = 'k'
    group by
        slots.period_kind,
        slots.period,
        slots.is_current,
        cells.product_id,
        cells.segment_id,
        cells.product_group,
        cells.channel_id,
        cells.territory_id
),

kept_lines as (
    select
        slots.period_kind,
        slots.period,
        slots.is_current,
        order_lines.customer_id,
        order_lines.product_id,
        {{ kept_amounts('order_lines', 'slots', 'factors', 'cost_of_goods_amount') }}
    from order_lines
    inner join comparisons
        on order_lines.customer_id = comparisons.customer_id
        and order_lines.month = comparisons.month
    inner join slots
        on order_lines.month = slots.month
    left join factors
        on slots.period_kind = factors.period_kind
        and slots.period = factors.period
        and order_lines.currency_code = factors.currency_code
    where {{ customer_in_slot('comparisons', 'slots') }} = 'k'
    group by
        slots.period_kind,
        slots.period,
        slots.is_current,
        order_lines.customer_id,
        order_lines.product_id
),

elements as (
    {%- for kind, unit in kinds.items() %}
    select
        '{{ kind }}' as unit_kind,
        {{ unit }} as unit_id,
        kept_cells.period_kind,
        kept_cells.period,
        kept_cells.product_id,
        {{ element_columns('kept_cells') }}
    from kept_cells
    group by
        {%- if kind != 'company' %}
        {{ unit }},
        {%- endif %}
        kept_cells.period_kind,
        kept_cells.period,
        kept_cells.product_id

    union all
    {% endfor %}
    select
        'customer' as unit_kind,
        kept_lines.customer_id as unit_id,
        kept_lines.period_kind,
        kept_lines.period,
        kept_lines.product_id,
        {{ element_columns('kept_lines') }}
    from kept_lines
    group by
        kept_lines.customer_id,
        kept_lines.period_kind,
        kept_lines.period,
        kept_lines.product_id
),

element_sums as (
    select
        unit_kind,
        unit_id,
        period_kind,
        period,
        {{ bridge_sums() }}
    from elements
    group by
        unit_kind,
        unit_id,
        period_kind,
        period
),

customer_sold as (
    select
        customer_id,
        month,
        sum(cost_of_goods_amount) as sold_cost_of_goods_amount
    from order_lines
    group by
        customer_id,
        month
),

-- Everything that a unit brings and costs.
unit_rows as (
    {%- for kind, unit in kinds.items() %}
    select
        '{{ kind }}' as unit_kind,
        {{ unit }} as unit_id,
        month,
        comparison_kinds,
        {{ waterfall_sums(['sold_cost_of_goods_amount']) }}
    from cells
    group by
        {%- if kind != 'company' %}
        {{ unit }},
        {%- endif %}
        month,
        comparison_kinds

    union all
    {% endfor %}
    select
        'customer' as unit_kind,
        customer_months.customer_id as unit_id,
        customer_months.month,
        comparisons.comparison_kinds,
        coalesce(customer_sold.sold_cost_of_goods_amount, 0) as sold_cost_of_goods_amount,
        customer_months.{{ posted_amounts() | join(',\n        customer_months.') }}
    from customer_months
    inner join comparisons
        on customer_months.customer_id = comparisons.customer_id
        and customer_months.month = comparisons.month
    left join customer_sold
        on customer_months.customer_id = customer_sold.customer_id
        and customer_months.month = customer_sold.month
),

placed as (
    select
        unit_rows.*,
        slots.period_kind,
        slots.period,
        slots.compared_period,
        slots.side,
        {{ customer_in_slot('unit_rows', 'slots') }} as customer_is
    from unit_rows
    inner join slots
        on unit_rows.month = slots.month
),

line_sums as (
    select
        unit_kind,
        unit_id,
        period_kind,
        period,
        compared_period,
        {%- set changes = {
            'margin_change': 'gross_sales_amount - discount_amount - sold_cost_of_goods_amount',
            'rebate_change': '-rebate_amount',
            'return_change': 'sold_cost_of_goods_amount - cost_of_goods_amount - return_amount',
            'direct_selling_cost': '-commission_amount - payment_fee_amount - freight_amount - lead_fee_amount',
            'cost_to_serve': '-cost_to_serve_amount',
            'sustaining_cost': '-sustaining_cost_amount',
        } %}
        {%- for change, amount in changes.items() %}
        sum(case when customer_is = 'k' then side * ({{ amount }}) else 0 end) as {{ change }},
        {%- endfor %}
        sum(case when customer_is = 'n' then side * ({{ profit_of_posted() }}) else 0 end) as new_customers,
        sum(case when customer_is = 'l' then side * ({{ profit_of_posted() }}) else 0 end) as lost_customers
    from placed
    group by
        unit_kind,
        unit_id,
        period_kind,
        period,
        compared_period
),

actual_effects as (
    select
        'actual' as basis,
        line_sums.unit_kind,
        line_sums.unit_id,
        line_sums.period_kind,
        line_sums.period,
        line_sums.compared_period,
        line_sums.margin_change,
        line_sums.rebate_change,
        line_sums.return_change,
        line_sums.direct_selling_cost,
        line_sums.cost_to_serve,
        line_sums.sustaining_cost,
        line_sums.new_customers,
        line_sums.lost_customers,
        {{ bridge_effects() }}
    from line_sums
    left join element_sums
        on line_sums.unit_kind = element_sums.unit_kind
        and line_sums.unit_id = element_sums.unit_id
        and line_sums.period_kind = element_sums.period_kind
        and line_sums.period = element_sums.period
),

effects as (
    select * from actual_effects

    union all

    select * from budget_effects
),

-- What rounding leaves stays with the volume, so that the parts are the change to the last decimal.
parts as (
    select
        basis,
        unit_kind,
        unit_id,
        period_kind,
        period,
        compared_period,
        case
            when has_volumes then margin_change - mix - price - discount - unit_cost - currency - new_articles - lost_articles else 0
        end as volume_part,
        mix as mix_part,
        price as price_part,
        discount + rebate_change as discount_and_rebate_part,
        return_change as returns_part,
        unit_cost as unit_cost_part,
        direct_selling_cost as direct_selling_cost_part,
        cost_to_serve as cost_to_serve_part,
        sustaining_cost as sustaining_cost_part,
        currency as currency_part,
        new_customers + new_articles as new_part,
        lost_customers + lost_articles as lost_part,
        case when has_volumes then 0 else margin_change - discount - unit_cost end as unsplit_sales_part
    from effects
),

named as (
    {%- for part in bridge_parts() %}
    select '{{ part }}' as part{{ ' union all' if not loop.last }}
    {%- endfor %}
),

amounts as (
    select
        parts.unit_kind,
        parts.unit_id,
        parts.period_kind,
        parts.period,
        parts.compared_period,
        parts.basis,
        named.part,
        {{ bridge_part_amount('named.part', 'parts') }} as amount
    from parts
    cross join named
),

final as (
    select
        unit_kind,
        unit_id,
        period_kind,
        period,
        compared_period,
        basis,
        part,
        cast(amount as {{ money_total() }}) as amount
    from amounts
    where amount <> 0
)

select * from final

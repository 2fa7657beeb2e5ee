{#- Unit kind -> expression of the unit in the cells. -#}
{%- set kinds = {
    'company': "'company'", 'segment': 'segment_id', 'product_group': 'product_group',
    'channel': 'coalesce(channel_id, ' ~ no_member() ~ ')', 'territory': 'territory_id',
} -%}
{%- set of_comparison = comparison_columns() | join(', ') -%}

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
    {%- for is_current in ['true', 'false'] %}
    {%- set period = period_of(kind, 'months.month') %}
    select
        '{{ kind }}' as period_kind,
        months.month,
        {{ is_current }} as is_current,
        {{ period if is_current == 'true' else month_after(period, length) }} as period,
        {{ month_after(period, -length) if is_current == 'true' else period }} as compared_period,
        cast({{ 1 if is_current == 'true' else -1 }} as integer) as side
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

customer_lines as (
    select
        'customer' as unit_kind,
        order_lines.customer_id as unit_id,
        order_lines.month,
        order_lines.product_id,
        order_lines.currency_code,
        comparisons.{{ comparison_columns() | join(',\n        comparisons.') }},
        order_lines.quantity,
        coalesce(order_lines.gross_sales_amount, 0) as gross_sales_amount,
        coalesce(order_lines.discount_amount, 0) as discount_amount,
        coalesce(order_lines.cost_of_goods_amount, 0) as cost_of_goods_amount
    from order_lines
    inner join comparisons
        on order_lines.customer_id = comparisons.customer_id
        and order_lines.month = comparisons.month
    where
        {{ is_kept_anywhere('comparisons') }}
),

unit_cells as (
    {%- for kind, unit in kinds.items() %}
    select
        '{{ kind }}' as unit_kind,
        {{ unit }} as unit_id,
        month,
        product_id,
        currency_code,
        {{ of_comparison }},
        {{ waterfall_sums(['quantity', 'sold_cost_of_goods_amount']) }}
    from cells
    group by
        {%- if kind != 'company' %}
        {{ unit }},
        {%- endif %}
        month,
        product_id,
        currency_code,
        {{ of_comparison }}
    {{- '

    union all
' if not loop.last }}
    {%- endfor %}
),

lines as (
    select
        unit_kind,
        unit_id,
        month,
        product_id,
        currency_code,
        {{ of_comparison }},
        quantity,
        gross_sales_amount,
        discount_amount,
        sold_cost_of_goods_amount as cost_of_goods_amount
    from unit_cells
    where product_id is not null

    union all

    select * from customer_lines
),

-- What was sold of an article to customers who bought in both periods.
elements as (
    select
        lines.unit_kind,
        lines.unit_id,
        slots.period_kind,
        slots.period,
        slots.compared_period,
        lines.product_id,
        {{ element_columns('lines', 'slots', 'factors') }}
    from lines
    inner join slots
        on lines.month = slots.month
    left join factors
        on slots.period_kind = factors.period_kind
        and slots.period = factors.period
        and lines.currency_code = factors.currency_code
    where {{ customer_in_slot('lines', 'slots') }} = 'kept'
    group by
        lines.unit_kind,
        lines.unit_id,
        slots.period_kind,
        slots.period,
        slots.compared_period,
        lines.product_id
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
        unit_id,
        month,
        sum(cost_of_goods_amount) as sold_cost_of_goods_amount
    from customer_lines
    group by
        unit_id,
        month
),

-- Everything that a unit brings and costs.
unit_rows as (
    select
        unit_kind,
        unit_id,
        month,
        {{ of_comparison }},
        sold_cost_of_goods_amount,
        {{ posted_amounts() | join(',\n        ') }}
    from unit_cells

    union all

    select
        'customer' as unit_kind,
        customer_months.customer_id as unit_id,
        customer_months.month,
        comparisons.{{ comparison_columns() | join(',\n        comparisons.') }},
        coalesce(customer_sold.sold_cost_of_goods_amount, 0) as sold_cost_of_goods_amount,
        customer_months.{{ posted_amounts() | join(',\n        customer_months.') }}
    from customer_months
    inner join comparisons
        on customer_months.customer_id = comparisons.customer_id
        and customer_months.month = comparisons.month
    left join customer_sold
        on customer_months.customer_id = customer_sold.unit_id
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
        sum(case when customer_is = 'kept' then side * ({{ amount }}) else 0 end) as {{ change }},
        {%- endfor %}
        sum(case when customer_is = 'new' then side * ({{ profit_of_posted() }}) else 0 end) as new_customers,
        sum(case when customer_is = 'lost' then side * ({{ profit_of_posted() }}) else 0 end) as lost_customers
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

final as (
    select
        parts.unit_kind,
        parts.unit_id,
        parts.period_kind,
        parts.period,
        parts.compared_period,
        parts.basis,
        named.part,
        cast({{ bridge_part_amount('named.part', 'parts') }} as {{ money_total() }}) as amount
    from parts
    cross join named
    where {{ bridge_part_amount('named.part', 'parts') }} <> 0
)

select * from final

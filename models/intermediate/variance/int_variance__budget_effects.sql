{#- Lines of the waterfall that plans name, with the amount that they are compared with. What is planned as indirect cost is not planned by customer. -#}
{%- set lines = planned_lines() -%}
{%- set names = sql_literals(lines | map(attribute='line')) -%}
{%- set units = {'company': "'company'", 'product_group': 'product_group', 'channel': 'channel_id'} -%}

with

plans as (
    select * from {{ ref('int_finance__plans') }}
    where
        plan = 'budget'
        and amount is not null
        and waterfall_line in (
            {{ names }}
        )
),

cells as (
    select
        month,
        product_group,
        channel_id,
        {{ waterfall_sums(['quantity']) }}
    from {{ ref('int_profitability__cells') }}
    group by
        month,
        product_group,
        channel_id
),

actual_months as (
    select distinct month
    from cells
),

planned_months as (
    select distinct plans.month
    from plans
    inner join actual_months
        on plans.month = actual_months.month
),

-- By what the plan divides its revenue: volumes count where all of it has them.
shape as (
    select
        count(*) > 0 and min(case when driver = 'units' and quantity > 0 then 1 else 0 end) = 1 as has_volumes,
        count(*) > 0 and min(case when product_group is not null then 1 else 0 end) = 1 as names_groups,
        count(*) > 0 and min(case when channel_id is not null then 1 else 0 end) = 1 as names_channels
    from plans
    where waterfall_line = 'gross_sales'
),

-- Plan and actual under each other: side 0 is the plan, side 1 what came.
sided as (
    select
        plans.month,
        cast(0 as integer) as side,
        case when shape.names_groups then plans.product_group else '*' end as product_group,
        case when shape.names_channels then plans.channel_id else '*' end as channel_id,
        {%- for line in lines %}
        case
            when plans.waterfall_line = '{{ line.line }}' and plans.effect = {{ line.effect }} then plans.amount
            when plans.waterfall_line = '{{ line.line }}' then -plans.amount
            else 0
        end as {{ line.amount }},
        {%- endfor %}
        case when plans.waterfall_line = 'gross_sales' and plans.driver = 'units' then plans.quantity else 0 end as quantity
    from plans
    inner join planned_months
        on plans.month = planned_months.month
    cross join shape

    union all

    select
        cells.month,
        cast(1 as integer) as side,
        case when shape.names_groups then cells.product_group else '*' end as product_group,
        case when shape.names_channels then coalesce(cells.channel_id, {{ no_member() }}) else '*' end as channel_id,
        {%- for line in lines %}
        cells.{{ line.amount }},
        {%- endfor %}
        cells.quantity
    from cells
    inner join planned_months
        on cells.month = planned_months.month
    cross join shape
),

of_periods as (
    {%- for kind in compared_periods() %}
    select
        '{{ kind }}' as period_kind,
        {{ period_of(kind, 'month') }} as period,
        sided.*
    from sided
    {{- '

    union all
' if not loop.last }}
    {%- endfor %}
),

of_units as (
    {%- for kind, unit in units.items() %}
    select
        '{{ kind }}' as unit_kind,
        {{ unit }} as unit_id,
        of_periods.*
    from of_periods
    where {{ unit }} <> '*' and ('{{ kind }}' = 'company' or of_periods.quantity + of_periods.gross_sales_amount <> 0)
    {{- '

    union all
' if not loop.last }}
    {%- endfor %}
),

-- What a unit that is no company is compared by: revenue alone.
line_sums as (
    select
        unit_kind,
        unit_id,
        period_kind,
        period,
        {%- for line in lines %}
        {%- set amount = line.amount if line.line == 'gross_sales' else "case when unit_kind = 'company' then " ~ line.amount ~ ' else 0 end' %}
        sum(case when side = 1 then {{ amount }} else 0 end) as {{ line.line }}_now,
        sum(case when side = 0 then {{ amount }} else 0 end) as {{ line.line }}_before,
        {%- endfor %}
        sum(case when side = 1 then quantity else 0 end) as units_now,
        sum(case when side = 0 then quantity else 0 end) as units_before
    from of_units
    group by
        unit_kind,
        unit_id,
        period_kind,
        period
),

sold as (
    select
        unit_kind,
        unit_id,
        period_kind,
        period,
        product_group,
        channel_id,
        sum(case when side = 1 then quantity else 0 end) as quantity_now,
        sum(case when side = 0 then quantity else 0 end) as quantity_before,
        sum(case when side = 1 then gross_sales_amount else 0 end) as gross_now,
        sum(case when side = 0 then gross_sales_amount else 0 end) as gross_before
    from of_units
    group by
        unit_kind,
        unit_id,
        period_kind,
        period,
        product_group,
        channel_id
),

-- Discounts and cost of goods are planned for all that is sold: a unit bears the same of them, whatever it is.
shared as (
    select
        sold.*,
        line_sums.discounts_now * cast(sold.quantity_now as double) / nullif(line_sums.units_now, 0) as discount_share_now,
        line_sums.discounts_before * cast(sold.quantity_before as double) / nullif(line_sums.units_before, 0) as discount_share_before,
        line_sums.cost_of_goods_now * cast(sold.quantity_now as double) / nullif(line_sums.units_now, 0) as cost_share_now,
        line_sums.cost_of_goods_before * cast(sold.quantity_before as double) / nullif(line_sums.units_before, 0) as cost_share_before
    from sold
    inner join line_sums
        on sold.unit_kind = line_sums.unit_kind
        and sold.unit_id = line_sums.unit_id
        and sold.period_kind = line_sums.period_kind
        and sold.period = line_sums.period
),

elements as (
    select
        *,
        coalesce(discount_share_now, 0) as discount_now,
        coalesce(discount_share_before, 0) as discount_before,
        coalesce(cost_share_now, 0) as cost_now,
        coalesce(cost_share_before, 0) as cost_before,
        gross_now - coalesce(discount_share_now, 0) as net_now,
        gross_before - coalesce(discount_share_before, 0) as net_before
    from shared
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

effects as (
    select
        line_sums.*,
        shape.has_volumes and element_sums.quantity_now > 0 as has_both,
        {{ bridge_effects() }}
    from line_sums
    inner join element_sums
        on line_sums.unit_kind = element_sums.unit_kind
        and line_sums.unit_id = element_sums.unit_id
        and line_sums.period_kind = element_sums.period_kind
        and line_sums.period = element_sums.period
    cross join shape
),

final as (
    select
        'budget' as basis,
        unit_kind,
        unit_id,
        period_kind,
        period,
        period as compared_period,
        gross_sales_now - gross_sales_before - discounts_now + discounts_before - cost_of_goods_now + cost_of_goods_before as margin_change,
        rebates_before - rebates_now as rebate_change,
        returns_before - returns_now as return_change,
        commission_before + payment_fees_before + freight_before + lead_fees_before
        - commission_now - payment_fees_now - freight_now - lead_fees_now as direct_selling_cost,
        cast(0 as decimal(18, 4)) as cost_to_serve,
        cast(0 as decimal(18, 4)) as sustaining_cost,
        cast(0 as decimal(18, 4)) as new_customers,
        cast(0 as decimal(18, 4)) as lost_customers,
        has_both as has_volumes,
        case when has_both then mix else 0 end as mix,
        case when has_both then price else 0 end as price,
        case when has_both then discount else discounts_before - discounts_now end as discount,
        case when has_both then unit_cost else cost_of_goods_before - cost_of_goods_now end as unit_cost,
        cast(0 as decimal(18, 4)) as currency,
        case when has_both then new_articles else 0 end as new_articles,
        case when has_both then lost_articles else 0 end as lost_articles
    from effects
)

select * from final

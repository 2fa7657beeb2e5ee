-- Each row stands in the fact that it comes from; here it is named and signed.
with

-- What gives two cash flows is read once for each: a CTE that is read twice would be computed with all its columns for whoever asks for some.
receipts as (
    select * from {{ ref('fct_order_lines') }}
),

goods_sold as (
    select * from {{ ref('fct_order_lines') }}
),

redemptions as (
    select * from {{ ref('fct_promotion_redemptions') }}
    where is_paid
),

refunds as (
    select * from {{ ref('fct_returns') }}
),

goods_returned as (
    select * from {{ ref('fct_returns') }}
),

direct_selling_costs as (
    select * from {{ ref('fct_direct_selling_costs') }}
),

activity_costs as (
    select
        *,
        activity_id || '/' || cast(month as {{ dbt.type_string() }}) || '/' || customer_id
        || '/' || coalesce(order_id, '') || '/' || coalesce(product_id, '') as activity_cost_id,
        {{ month_end_of('month') }} as month_end
    from {{ ref('fct_activity_costs') }}
),

acquisition_costs as (
    select * from {{ ref('fct_acquisition_costs') }}
),

kinds as (
    select
        cash_flow_kind,
        sign,
        waterfall_measure
    from {{ ref('cash_flow_kinds') }}
),

movements as (
    {{ cash_flow('receipts', 'fct_order_lines', 'order_line_id', 'ordered_on', 'net_sales_amount', "'receipt'") }}

    union all

    {{ cash_flow('goods_sold', 'fct_order_lines', 'order_line_id', 'ordered_on', 'cost_of_goods_amount', "'cost_of_goods'") }}

    union all

    {{ cash_flow('redemptions', 'fct_promotion_redemptions', 'redemption_id', 'paid_on', 'rebate_amount', "'rebate'") }}

    union all

    {{ cash_flow('refunds', 'fct_returns', 'return_id', 'returned_on', 'refund_amount', "'refund'") }}

    union all

    {{ cash_flow('goods_returned', 'fct_returns', 'return_id', 'returned_on', 'returned_cost_of_goods_amount', "'returned_goods'") }}

    union all

    {{ cash_flow(
        'direct_selling_costs', 'fct_direct_selling_costs', 'direct_selling_cost_id', 'incurred_on', 'cost_amount', 'cost_kind'
    ) }}

    union all

    -- Costing closes by the month, so the cost of a month is known on its last day.
    {{ cash_flow(
        'activity_costs', 'fct_activity_costs', 'activity_cost_id', 'month_end', 'cost_amount', 'waterfall_line', delivered_on='null'
    ) }}

    union all

    {{ cash_flow(
        'acquisition_costs', 'fct_acquisition_costs', "media_source || '/' || customer_id", 'won_on', 'acquisition_spend_amount',
        "'acquisition'", delivered_on='null'
    ) }}
),

final as (
    select
        movements.cash_flow_kind || ':' || movements.source_id as cash_flow_id,
        movements.customer_id,
        movements.happened_on,
        {{ month_of('movements.happened_on') }} as month,
        movements.cash_flow_kind,
        cast(kinds.sign * movements.amount as decimal(18, 4)) as amount,
        kinds.waterfall_measure is not null as is_in_waterfall,
        movements.source_table,
        movements.source_id,
        movements.delivered_on
    from movements
    inner join kinds
        on movements.cash_flow_kind = kinds.cash_flow_kind
    where movements.amount <> 0
)

select * from final

with

order_lines as (
    select
        order_line_id,
        ordered_on,
        month,
        customer_id,
        order_id,
        product_id,
        channel_id,
        territory_id,
        sales_rep_id,
        campaign_id,
        quantity,
        gross_sales_amount,
        discount_amount,
        cost_of_goods_amount
    from {{ ref('fct_order_lines') }}
),

returns as (
    select
        return_id,
        returned_on,
        month,
        customer_id,
        order_id,
        product_id,
        channel_id,
        quantity,
        refund_amount,
        returned_cost_of_goods_amount
    from {{ ref('fct_returns') }}
),

redemptions as (
    select
        redemption_id,
        paid_on,
        month,
        customer_id,
        order_id,
        product_id,
        campaign_id,
        rebate_amount,
        is_rebate_leakage
    from {{ ref('fct_promotion_redemptions') }}
    where is_paid
),

direct_selling_costs as (
    select
        direct_selling_cost_id,
        cost_kind,
        incurred_on,
        month,
        customer_id,
        order_id,
        cost_amount
    from {{ ref('fct_direct_selling_costs') }}
),

activity_costs as (
    select
        activity_id,
        waterfall_line,
        month,
        customer_id,
        order_id,
        product_id,
        cost_amount
    from {{ ref('fct_activity_costs') }}
),

orders as (
    select
        order_id,
        channel_id,
        territory_id,
        sales_rep_id,
        campaign_id
    from {{ ref('int_sales__orders') }}
),

customers as (
    select
        customer_id,
        territory_id,
        sales_rep_id
    from {{ ref('dim_customer') }}
),

customer_months as (
    select
        customer_id,
        month,
        segment_id,
        profit_tier
    from {{ ref('customer_profitability_monthly') }}
),

entries as (
    select
        'order_line/' || order_line_id as waterfall_entry_id,
        'order_line' as entry_kind,
        cast(null as {{ dbt.type_string() }}) as cost_kind,
        cast(null as {{ dbt.type_string() }}) as activity_id,
        ordered_on as occurred_on,
        month,
        customer_id,
        order_id,
        product_id,
        channel_id,
        territory_id,
        sales_rep_id,
        campaign_id,
        {{- waterfall_entry_amounts({
            'quantity': 'quantity',
            'gross_sales_amount': 'gross_sales_amount',
            'discount_amount': 'discount_amount',
            'cost_of_goods_amount': 'cost_of_goods_amount',
        }) }}
    from order_lines

    union all

    select
        'return/' || return_id as waterfall_entry_id,
        'return' as entry_kind,
        cast(null as {{ dbt.type_string() }}) as cost_kind,
        cast(null as {{ dbt.type_string() }}) as activity_id,
        returned_on as occurred_on,
        month,
        customer_id,
        order_id,
        product_id,
        channel_id,
        cast(null as {{ dbt.type_string() }}) as territory_id,
        cast(null as {{ dbt.type_string() }}) as sales_rep_id,
        cast(null as {{ dbt.type_string() }}) as campaign_id,
        {{- waterfall_entry_amounts({
            'returned_quantity': 'quantity',
            'return_amount': 'refund_amount',
            'cost_of_goods_amount': '-returned_cost_of_goods_amount',
        }) }}
    from returns

    union all

    select
        'rebate/' || redemption_id as waterfall_entry_id,
        'rebate' as entry_kind,
        cast(null as {{ dbt.type_string() }}) as cost_kind,
        cast(null as {{ dbt.type_string() }}) as activity_id,
        paid_on as occurred_on,
        month,
        customer_id,
        order_id,
        product_id,
        cast(null as {{ dbt.type_string() }}) as channel_id,
        cast(null as {{ dbt.type_string() }}) as territory_id,
        cast(null as {{ dbt.type_string() }}) as sales_rep_id,
        campaign_id,
        {{- waterfall_entry_amounts({
            'rebate_amount': 'rebate_amount',
            'rebate_leakage_amount': 'case when is_rebate_leakage then rebate_amount end',
        }) }}
    from redemptions

    union all

    select
        'direct_selling_cost/' || direct_selling_cost_id as waterfall_entry_id,
        'direct_selling_cost' as entry_kind,
        cost_kind,
        cast(null as {{ dbt.type_string() }}) as activity_id,
        incurred_on as occurred_on,
        month,
        customer_id,
        order_id,
        cast(null as {{ dbt.type_string() }}) as product_id,
        cast(null as {{ dbt.type_string() }}) as channel_id,
        cast(null as {{ dbt.type_string() }}) as territory_id,
        cast(null as {{ dbt.type_string() }}) as sales_rep_id,
        cast(null as {{ dbt.type_string() }}) as campaign_id,
        {{- waterfall_entry_amounts({
            'commission_amount': amount_of_kind('cost_kind', 'commission', 'cost_amount'),
            'payment_fee_amount': amount_of_kind('cost_kind', 'payment_fees', 'cost_amount'),
            'freight_amount': amount_of_kind('cost_kind', 'freight', 'cost_amount'),
            'lead_fee_amount': amount_of_kind('cost_kind', 'lead_fees', 'cost_amount'),
        }) }}
    from direct_selling_costs

    union all

    -- Costing closes by the month, so the first day stands for all of it; metrics with this cost are asked by the month.
    select
        'activity_cost/' || activity_id || '/' || cast(month as {{ dbt.type_string() }}) || '/' || customer_id
        || '/' || coalesce(order_id, '') || '/' || coalesce(product_id, '') as waterfall_entry_id,
        'activity_cost' as entry_kind,
        waterfall_line as cost_kind,
        activity_id,
        month as occurred_on,
        month,
        customer_id,
        order_id,
        product_id,
        cast(null as {{ dbt.type_string() }}) as channel_id,
        cast(null as {{ dbt.type_string() }}) as territory_id,
        cast(null as {{ dbt.type_string() }}) as sales_rep_id,
        cast(null as {{ dbt.type_string() }}) as campaign_id,
        {{- waterfall_entry_amounts({
            'cost_to_serve_amount': amount_of_kind('waterfall_line', 'cost_to_serve', 'cost_amount'),
            'sustaining_cost_amount': amount_of_kind('waterfall_line', 'sustaining_cost', 'cost_amount'),
        }) }}
    from activity_costs
),

-- What an entry does not say itself is said by its order; without an order, the customer's own territory and
-- representative stand for it.
placed as (
    select
        entries.*,
        coalesce(entries.channel_id, orders.channel_id) as entry_channel_id,
        coalesce(entries.territory_id, orders.territory_id, customers.territory_id, {{ unknown_member() }}) as entry_territory_id,
        coalesce(entries.sales_rep_id, orders.sales_rep_id, customers.sales_rep_id, {{ unknown_member() }}) as entry_sales_rep_id,
        coalesce(entries.campaign_id, orders.campaign_id) as entry_campaign_id,
        -- As they were at the end of the month; one who moves on keeps what it did before in the segment of that time.
        customer_months.segment_id,
        customer_months.profit_tier
    from entries
    left join orders
        on entries.order_id = orders.order_id
    left join customers
        on entries.customer_id = customers.customer_id
    left join customer_months
        on entries.customer_id = customer_months.customer_id
        and entries.month = customer_months.month
),

final as (
    select
        placed.waterfall_entry_id,
        placed.entry_kind,
        placed.cost_kind,
        placed.activity_id,
        placed.occurred_on,
        placed.month,
        placed.customer_id,
        placed.customer_id = {{ unattributed_customer() }} as is_unattributed,
        placed.order_id,
        placed.product_id,
        placed.entry_channel_id as channel_id,
        placed.entry_territory_id as territory_id,
        placed.entry_sales_rep_id as sales_rep_id,
        placed.entry_campaign_id as campaign_id,
        placed.segment_id,
        placed.profit_tier,
        placed.quantity,
        placed.returned_quantity,
        placed.rebate_leakage_amount,
        {{- waterfall_amounts_and_margins('placed') }}
    from placed
)

select * from final

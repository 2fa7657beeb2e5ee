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
        currency_code,
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
    {{ waterfall_entry_rows() }}
),

placed as (
    select
        entries.*,
        {{ waterfall_entry_place('channel_id') }} as entry_channel_id,
        {{ waterfall_entry_place('territory_id') }} as entry_territory_id,
        {{ waterfall_entry_place('sales_rep_id') }} as entry_sales_rep_id,
        {{ waterfall_entry_place('campaign_id') }} as entry_campaign_id,
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

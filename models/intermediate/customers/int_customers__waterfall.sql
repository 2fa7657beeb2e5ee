with

order_lines as (
    select * from {{ ref('fct_order_lines') }}
),

returns as (
    select * from {{ ref('fct_returns') }}
),

redemptions as (
    select * from {{ ref('fct_promotion_redemptions') }}
    where is_paid
),

direct_selling_costs as (
    select * from {{ ref('fct_direct_selling_costs') }}
),

ledger_entries as (
    select * from {{ ref('fct_ledger_entries') }}
),

activity_costs as (
    select
        customer_id,
        period as month,
        activity_id,
        amount
    from {{ ref('fct_cost_flows') }}
    where stage = 'activity_to_customer' and receiver_kind = 'customer'
),

order_activity_costs as (
    select
        customer_id,
        month,
        order_id,
        cost_amount
    from {{ ref('fct_activity_costs') }}
    where order_id is not null
),

orders as (
    select
        order_id,
        customer_id,
        {{ month_of('ordered_on') }} as month
    from {{ ref('int_sales__orders') }}
),

activities as (
    select
        activity_id,
        waterfall_line,
        cost_level
    from {{ ref('dim_activity') }}
),

sold as (
    select
        customer_id,
        month,
        count(distinct order_id) as order_count,
        sum(gross_sales_amount) as gross_sales_amount,
        sum(discount_amount) as discount_amount,
        sum(cost_of_goods_amount) as cost_of_goods_amount
    from order_lines
    group by
        customer_id,
        month
),

returned as (
    select
        customer_id,
        month,
        sum(refund_amount) as return_amount,
        sum(returned_cost_of_goods_amount) as returned_cost_of_goods_amount
    from returns
    group by
        customer_id,
        month
),

redeemed as (
    select
        customer_id,
        month,
        sum(rebate_amount) as rebate_amount,
        sum(case when is_rebate_leakage then rebate_amount else 0 end) as rebate_leakage_amount
    from redemptions
    group by
        customer_id,
        month
),

spent as (
    select
        customer_id,
        month,
        sum(case when cost_kind = 'commission' then cost_amount else 0 end) as commission_amount,
        sum(case when cost_kind = 'payment_fees' then cost_amount else 0 end) as payment_fee_amount,
        sum(case when cost_kind = 'freight' then cost_amount else 0 end) as freight_amount,
        sum(case when cost_kind = 'lead_fees' then cost_amount else 0 end) as lead_fee_amount
    from direct_selling_costs
    group by
        customer_id,
        month
),

served as (
    select
        activity_costs.customer_id,
        activity_costs.month,
        sum(case when activities.waterfall_line = 'cost_to_serve' then activity_costs.amount else 0 end) as cost_to_serve_amount,
        -- What comes with every order, of the cost to serve.
        sum(
            case when activities.waterfall_line = 'cost_to_serve' and activities.cost_level = 'order' then activity_costs.amount else 0 end
        ) as order_level_cost_amount,
        sum(case when activities.waterfall_line = 'sustaining_cost' then activity_costs.amount else 0 end) as sustaining_cost_amount
    from activity_costs
    inner join activities
        on activity_costs.activity_id = activities.activity_id
    group by
        activity_costs.customer_id,
        activity_costs.month
),

moved as (
    {{ moved_to_order_months('returns', 'redemptions', 'direct_selling_costs', 'order_activity_costs', 'orders') }}
),

-- One row a customer, month and fact, so that they are added up once.
entries as (
    select
        {{ waterfall_part({
            'order_count': 'order_count', 'gross_sales_amount': 'gross_sales_amount', 'discount_amount': 'discount_amount',
            'cost_of_goods_amount': 'cost_of_goods_amount',
        }) }}
    from sold

    union all

    select {{ waterfall_part({'return_amount': 'return_amount', 'cost_of_goods_amount': '-returned_cost_of_goods_amount'}) }}
    from returned

    union all

    select {{ waterfall_part({'rebate_amount': 'rebate_amount', 'rebate_leakage_amount': 'rebate_leakage_amount'}) }}
    from redeemed

    union all

    select
        {{ waterfall_part({
            'commission_amount': 'commission_amount', 'payment_fee_amount': 'payment_fee_amount', 'freight_amount': 'freight_amount',
            'lead_fee_amount': 'lead_fee_amount',
        }) }}
    from spent

    union all

    select
        {{ waterfall_part({
            'cost_to_serve_amount': 'cost_to_serve_amount', 'order_level_cost_amount': 'order_level_cost_amount',
            'sustaining_cost_amount': 'sustaining_cost_amount',
        }) }}
    from served

    union all

    select {{ waterfall_part({'moved_revenue_amount': 'revenue_amount', 'moved_profit_amount': 'profit_amount'}) }}
    from moved
),

indirect_costs as (
    select
        month,
        sum(amount) as indirect_cost_amount
    from ledger_entries
    where waterfall_line = 'indirect_cost'
    group by month
),

waterfall as (
    select
        customer_id,
        month,
        customer_id = {{ unattributed_customer() }} as is_unattributed,
        sum(order_count) as order_count,
        {%- for amount in waterfall_part_amounts() %}
        sum({{ amount }}) as {{ amount }},
        {%- endfor %}
        -- A known customer who ordered in the month.
        sum(order_count) > 0 and customer_id <> {{ unattributed_customer() }} as is_ordering
    from entries
    group by
        customer_id,
        month
),

-- Nobody but who ordered in the month bears a share.
sharing as (
    select
        waterfall.customer_id,
        waterfall.month,
        coalesce(indirect_costs.indirect_cost_amount, 0) as indirect_cost_amount,
        cast(1 as decimal(18, 4)) as equal_share_weight
    from waterfall
    left join indirect_costs
        on waterfall.month = indirect_costs.month
    where waterfall.is_ordering
),

shares as (
    {{ allocate('sharing', 'indirect_cost_amount', 'equal_share_weight', group_by=['month'], ties=['customer_id']) }}
),

margins as (
    select
        waterfall.customer_id,
        waterfall.month,
        waterfall.is_unattributed,
        waterfall.is_ordering,
        waterfall.order_count,
        waterfall.rebate_leakage_amount,
        waterfall.order_level_cost_amount,
        waterfall.moved_revenue_amount,
        waterfall.moved_profit_amount,
        coalesce(shares.allocated_amount, 0) as equal_share_cost_amount,
        {{- waterfall_amounts_and_margins('waterfall') }}
    from waterfall
    left join shares
        on waterfall.customer_id = shares.customer_id
        and waterfall.month = shares.month
),

final as (
    select
        customer_id,
        month,
        is_unattributed,
        is_ordering,
        cast(order_count as bigint) as order_count,
        {%- for line in waterfall_lines() if line.kind != 'memo' and line.amount is defined %}
        {%- if line.line == 'contribution_margin' %}
        direct_selling_cost_amount,
        {%- endif %}
        {{ line.amount }},
        {%- endfor %}
        cast(rebate_leakage_amount as decimal(18, 4)) as rebate_leakage_amount,
        cast(order_level_cost_amount as decimal(18, 4)) as order_level_cost_amount,
        cast(equal_share_cost_amount as decimal(18, 4)) as equal_share_cost_amount,
        cast(contribution_margin_amount - equal_share_cost_amount as decimal(18, 4)) as equal_share_profit_amount,
        cast(net_revenue_amount + moved_revenue_amount as decimal(18, 4)) as order_date_net_revenue_amount,
        cast(customer_profit_amount + moved_profit_amount as decimal(18, 4)) as order_date_profit_amount
    from margins
)

select * from final

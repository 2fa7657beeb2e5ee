with

curve as (
    select
        scope,
        period,
        year_number,
        as_of,
        curve_position,
        customer_count,
        is_loss_maker,
        is_only_after_effects,
        is_order_date_loss_maker,
        net_revenue_amount,
        customer_profit_amount,
        order_date_profit_amount
    from {{ ref('whale_curve') }}
),

marked as (
    select
        *,
        -- Whole customers: of eleven the top fifth are three.
        curve_position <= ceil(cast(customer_count * 2 as double) / 10) as is_top_fifth
    from curve
),

summed as (
    select
        scope,
        period,
        year_number,
        as_of,
        count(*) as customer_count,
        sum(case when customer_profit_amount > 0 then 1 else 0 end) as profitable_customer_count,
        sum(case when is_loss_maker then 1 else 0 end) as loss_maker_count,
        sum(case when is_top_fifth then 1 else 0 end) as top_fifth_customer_count,
        sum(net_revenue_amount) as net_revenue_amount,
        sum(customer_profit_amount) as customer_profit_amount,
        sum(case when is_top_fifth then customer_profit_amount else 0 end) as top_fifth_profit_amount,
        sum(case when customer_profit_amount > 0 then customer_profit_amount else 0 end) as peak_profit_amount,
        sum(case when is_loss_maker then -customer_profit_amount else 0 end) as loss_amount,
        sum(case when is_only_after_effects then 1 else 0 end) as after_effect_customer_count,
        {{ after_effect_loss() }} as after_effect_loss_amount,
        sum(order_date_profit_amount) as order_date_profit_amount,
        sum(case when is_order_date_loss_maker then 1 else 0 end) as order_date_loss_maker_count,
        sum(case when is_order_date_loss_maker then -order_date_profit_amount else 0 end) as order_date_loss_amount
    from marked
    group by
        scope,
        period,
        year_number,
        as_of
),

final as (
    select
        scope,
        period,
        year_number,
        as_of,
        customer_count,
        cast(profitable_customer_count as bigint) as profitable_customer_count,
        cast(loss_maker_count as bigint) as loss_maker_count,
        {{ ratio('loss_maker_count', 'customer_count') }} as loss_maker_share,
        cast(net_revenue_amount as {{ money_total() }}) as net_revenue_amount,
        cast(customer_profit_amount as {{ money_total() }}) as customer_profit_amount,
        cast(peak_profit_amount as {{ money_total() }}) as peak_profit_amount,
        cast(loss_amount as {{ money_total() }}) as loss_amount,
        {{ share_of_total('loss_amount', 'peak_profit_amount') }} as loss_share_of_peak,
        cast(top_fifth_customer_count as bigint) as top_fifth_customer_count,
        cast(top_fifth_profit_amount as {{ money_total() }}) as top_fifth_profit_amount,
        {{ share_of_total('top_fifth_profit_amount', 'customer_profit_amount') }} as top_fifth_profit_share,
        {{ share_of_total('top_fifth_profit_amount', 'peak_profit_amount') }} as top_fifth_share_of_peak,
        cast(after_effect_customer_count as bigint) as after_effect_customer_count,
        cast(after_effect_loss_amount as {{ money_total() }}) as after_effect_loss_amount,
        cast(order_date_profit_amount as {{ money_total() }}) as order_date_profit_amount,
        cast(order_date_loss_maker_count as bigint) as order_date_loss_maker_count,
        cast(order_date_loss_amount as {{ money_total() }}) as order_date_loss_amount
    from summed
)

select * from final

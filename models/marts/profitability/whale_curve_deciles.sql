with

curve as (
    select
        scope,
        period,
        year_number,
        as_of,
        decile,
        curve_position,
        is_loss_maker,
        is_only_after_effects,
        net_revenue_amount,
        customer_profit_amount,
        total_profit_amount,
        peak_profit_amount
    from {{ ref('whale_curve') }}
),

deciles as (
    select
        scope,
        period,
        year_number,
        as_of,
        decile,
        count(*) as customer_count,
        sum(case when is_loss_maker then 1 else 0 end) as loss_maker_count,
        sum(case when is_only_after_effects then 1 else 0 end) as after_effect_customer_count,
        max(curve_position) as last_position,
        sum(net_revenue_amount) as net_revenue_amount,
        sum(customer_profit_amount) as customer_profit_amount,
        sum(case when is_loss_maker then -customer_profit_amount else 0 end) as loss_amount,
        {{ after_effect_loss() }} as after_effect_loss_amount,
        max(total_profit_amount) as total_profit_amount,
        max(peak_profit_amount) as peak_profit_amount
    from curve
    group by
        scope,
        period,
        year_number,
        as_of,
        decile
),

cumulated as (
    select
        *,
        sum(customer_profit_amount) over (
            partition by scope, period
            order by decile
            rows between unbounded preceding and current row
        ) as cumulative_profit_amount,
        sum(net_revenue_amount) over (partition by scope, period) as total_net_revenue_amount
    from deciles
),

final as (
    select
        scope,
        period,
        year_number,
        as_of,
        decile,
        customer_count,
        cast(loss_maker_count as bigint) as loss_maker_count,
        last_position,
        cast(net_revenue_amount as {{ money_total() }}) as net_revenue_amount,
        {{ share_of_total('net_revenue_amount', 'total_net_revenue_amount') }} as net_revenue_share,
        cast(customer_profit_amount as {{ money_total() }}) as customer_profit_amount,
        {{ share_of_total('customer_profit_amount', 'total_profit_amount') }} as profit_share,
        cast(loss_amount as {{ money_total() }}) as loss_amount,
        cast(cumulative_profit_amount as {{ money_total() }}) as cumulative_profit_amount,
        {{ share_of_total('cumulative_profit_amount', 'total_profit_amount') }} as cumulative_profit_share,
        {{ share_of_total('cumulative_profit_amount', 'peak_profit_amount') }} as cumulative_peak_share,
        cast(after_effect_customer_count as bigint) as after_effect_customer_count,
        cast(after_effect_loss_amount as {{ money_total() }}) as after_effect_loss_amount
    from cumulated
)

select * from final

with

judged as (
    select
        customer_id,
        month,
        is_complete_month,
        previous_segment_id,
        segment_id,
        net_revenue_12m_amount,
        customer_profit_12m_amount
    from {{ ref('customer_segments') }}
),

moved as (
    select
        month,
        is_complete_month,
        -- A customer comes from those that have not ordered yet.
        coalesce(previous_segment_id, 'no_order_yet') as from_segment_id,
        segment_id as to_segment_id,
        count(*) as customer_count,
        sum(net_revenue_12m_amount) as net_revenue_12m_amount,
        sum(customer_profit_12m_amount) as customer_profit_12m_amount
    from judged
    group by
        month,
        is_complete_month,
        coalesce(previous_segment_id, 'no_order_yet'),
        segment_id
),

final as (
    select
        month,
        is_complete_month,
        from_segment_id,
        to_segment_id,
        from_segment_id <> to_segment_id as is_movement,
        customer_count,
        case
            when from_segment_id <> 'no_order_yet' then {{ ratio('customer_count', 'sum(customer_count) over (partition by month, from_segment_id)') }}
        end as share_of_from_segment,
        cast(net_revenue_12m_amount as {{ money_total() }}) as net_revenue_12m_amount,
        cast(customer_profit_12m_amount as {{ money_total() }}) as customer_profit_12m_amount
    from moved
)

select * from final

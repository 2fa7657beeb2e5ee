with

cells as (
    select * from {{ ref('int_profitability__cells') }}
),

summed as (
    select
        month,
        coalesce(channel_id, {{ no_member() }}) as channel_id,
        {{ waterfall_sums(['quantity', 'returned_quantity']) }}
    from cells
    group by
        month,
        coalesce(channel_id, {{ no_member() }})
),

final as (
    select
        summed.month,
        summed.channel_id,
        summed.channel_id <> {{ no_member() }} as is_channel,
        cast(summed.quantity as {{ money_total() }}) as quantity,
        cast(summed.returned_quantity as {{ money_total() }}) as returned_quantity,
        {{- waterfall_amounts_and_margins('summed', money_total()) }}
    from summed
)

select * from final

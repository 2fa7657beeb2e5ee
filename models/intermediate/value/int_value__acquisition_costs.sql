with

costs as (
    select
        month,
        media_source,
        cost_amount
    from {{ ref('int_marketing__acquisition_costs') }}
    -- Fees for leads are cash flows of their own already.
    where component <> 'lead_fees'
),

credits as (
    select
        customer_id,
        media_source,
        first_order_month
    from {{ ref('int_marketing__acquisition_credits') }}
    where attribution_model = 'first_touch'
),

first_orders as (
    select
        customer_id,
        first_ordered_on
    from {{ ref('int_marketing__first_orders') }}
),

calendar as (
    select
        as_of,
        as_of_month
    from {{ ref('int_calendar__as_of') }}
),

spent as (
    select
        costs.media_source,
        max(calendar.as_of) as as_of,
        sum(costs.cost_amount) as cost_amount
    from costs
    inner join calendar
        on costs.month <= calendar.as_of_month
    group by costs.media_source
),

won as (
    select
        credits.customer_id,
        credits.media_source
    from credits
    inner join calendar
        on credits.first_order_month <= calendar.as_of_month
),

-- A media source that has won nobody has its cost at the unattributed member.
weighed as (
    select
        spent.media_source,
        spent.as_of,
        spent.cost_amount,
        coalesce(won.customer_id, {{ unattributed_customer() }}) as customer_id,
        cast(1 as decimal(18, 4)) as weight
    from spent
    left join won
        on spent.media_source = won.media_source
),

shared as (
    {{ allocate('weighed', 'cost_amount', 'weight', group_by=['media_source'], ties=['customer_id']) }}
),

final as (
    select
        shared.customer_id,
        shared.media_source,
        coalesce(first_orders.first_ordered_on, shared.as_of) as won_on,
        shared.allocated_amount as acquisition_cost_amount
    from shared
    left join first_orders
        on shared.customer_id = first_orders.customer_id
)

select * from final

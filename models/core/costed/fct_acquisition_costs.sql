with

costs as (
    select
        month,
        media_source,
        cost_amount,
        -- Fees for leads are cash flows of their own already.
        case when component = 'lead_fees' then 0 else cost_amount end as spend_amount
    from {{ ref('int_marketing__acquisition_costs') }}
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
        sum(costs.cost_amount) as cost_amount,
        sum(costs.spend_amount) as spend_amount
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
        spent.spend_amount,
        coalesce(won.customer_id, {{ unattributed_customer() }}) as customer_id,
        cast(1 as decimal(18, 4)) as weight
    from spent
    left join won
        on spent.media_source = won.media_source
),

shared_costs as (
    {{ allocate('weighed', 'cost_amount', 'weight', group_by=['media_source'], ties=['customer_id']) }}
),

shared_spend as (
    {{ allocate('weighed', 'spend_amount', 'weight', group_by=['media_source'], ties=['customer_id']) }}
),

final as (
    select
        shared_costs.customer_id,
        shared_costs.media_source,
        coalesce(first_orders.first_ordered_on, shared_costs.as_of) as won_on,
        shared_costs.allocated_amount as acquisition_cost_amount,
        shared_spend.allocated_amount as acquisition_spend_amount
    from shared_costs
    inner join shared_spend
        on shared_costs.media_source = shared_spend.media_source
        and shared_costs.customer_id = shared_spend.customer_id
    left join first_orders
        on shared_costs.customer_id = first_orders.customer_id
)

select * from final

with

snapshot as (
    select * from {{ ref('pipeline_snapshot') }}
    where is_month_end
),

states as (
    select * from {{ ref('fct_opportunity_states') }}
    where known_to is null
),

opportunities as (
    select
        opportunity_id,
        product_group
    from {{ ref('dim_opportunity') }}
),

months as (
    select
        min({{ month_of('snapshot_on') }}) as first_month,
        max({{ month_of('snapshot_on') }}) as last_month
    from snapshot
),

-- Each state beside the one before it.
steps as (
    select
        states.opportunity_id,
        {{ month_of('states.valid_from') }} as period,
        states.stage_state,
        coalesce(states.amount, 0) as amount,
        states.sales_rep_id,
        states.territory_id,
        opportunities.product_group,
        lag(states.stage_state) over step_order as state_before,
        coalesce(lag(states.amount) over step_order, 0) as amount_before,
        lag(states.sales_rep_id) over step_order as sales_rep_before,
        lag(states.territory_id) over step_order as territory_before
    from states
    inner join opportunities
        on states.opportunity_id = opportunities.opportunity_id
    window step_order as (partition by states.opportunity_id order by states.state_number)
),

entries as (
    select
        *,
        coalesce(state_before, 'none') <> 'open' and (stage_state = 'open' or state_before is null) as is_entry,
        coalesce(state_before, 'none') = 'open' as was_open,
        sales_rep_id <> sales_rep_before or territory_id <> territory_before as is_transfer
    from steps
),

-- What is lost is lost at the value that it had; what is won, at that of the decision.
moved as (
    select
        period,
        case when state_before is null then 'new' else 'reopened' end as movement,
        opportunity_id,
        territory_id,
        sales_rep_id,
        product_group,
        amount
    from entries
    where is_entry

    union all

    select
        period,
        'transferred_out' as movement,
        opportunity_id,
        territory_before as territory_id,
        sales_rep_before as sales_rep_id,
        product_group,
        -amount_before as amount
    from entries
    where was_open and is_transfer

    union all

    select
        period,
        'transferred_in' as movement,
        opportunity_id,
        territory_id,
        sales_rep_id,
        product_group,
        amount_before as amount
    from entries
    where was_open and is_transfer

    union all

    select
        period,
        case when amount > amount_before then 'raised' else 'lowered' end as movement,
        opportunity_id,
        territory_id,
        sales_rep_id,
        product_group,
        amount - amount_before as amount
    from entries
    where was_open and stage_state <> 'lost' and amount <> amount_before

    union all

    select
        period,
        stage_state as movement,
        opportunity_id,
        territory_id,
        sales_rep_id,
        product_group,
        case when stage_state = 'lost' and was_open then -amount_before else -amount end as amount
    from entries
    where stage_state <> 'open' and (was_open or is_entry)
),

lines as (
    select
        moved.period,
        moved.movement,
        moved.opportunity_id,
        moved.territory_id,
        moved.sales_rep_id,
        moved.product_group,
        moved.amount
    from moved
    inner join months
        on moved.period >= months.first_month
        and moved.period <= months.last_month

    union all

    select
        {{ month_of('snapshot_on') }} as period,
        'closing' as movement,
        opportunity_id,
        territory_id,
        sales_rep_id,
        product_group,
        coalesce(amount, 0) as amount
    from snapshot

    union all

    select
        {{ month_after(month_of('snapshot.snapshot_on')) }} as period,
        'opening' as movement,
        snapshot.opportunity_id,
        snapshot.territory_id,
        snapshot.sales_rep_id,
        snapshot.product_group,
        coalesce(snapshot.amount, 0) as amount
    from snapshot
    inner join months
        on snapshot.snapshot_on < months.last_month
),

final as (
    select
        period,
        movement,
        territory_id,
        sales_rep_id,
        coalesce(product_group, {{ unknown_member() }}) as product_group,
        count(distinct opportunity_id) as opportunity_count,
        cast(sum(amount) as {{ money_total() }}) as amount
    from lines
    group by
        period,
        movement,
        territory_id,
        sales_rep_id,
        coalesce(product_group, {{ unknown_member() }})
)

select * from final

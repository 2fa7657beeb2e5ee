-- Opening, what came, what left and closing: for every month, territory, representative and product group, by movements that come
-- from changes and ends that come from the snapshots.
with

movements as (
    select * from {{ ref('pipeline_movements') }}
),

snapshot as (
    select * from {{ ref('pipeline_snapshot') }}
    where is_month_end
),

moved as (
    select
        period,
        territory_id,
        sales_rep_id,
        product_group,
        sum(case when movement = 'closing' then -amount else amount end) as difference
    from movements
    group by
        period,
        territory_id,
        sales_rep_id,
        product_group
),

closings as (
    select
        {{ month_of('snapshot_on') }} as period,
        sum(coalesce(amount, 0)) as snapshot_amount
    from snapshot
    group by {{ month_of('snapshot_on') }}
),

closed as (
    select
        period,
        sum(amount) as closing_amount
    from movements
    where movement = 'closing'
    group by period
),

final as (
    select
        'movements' as broken,
        period,
        difference
    from moved
    where difference <> 0

    union all

    select
        'closing' as broken,
        closings.period,
        closings.snapshot_amount - coalesce(closed.closing_amount, 0) as difference
    from closings
    left join closed
        on closings.period = closed.period
    where closings.snapshot_amount <> coalesce(closed.closing_amount, 0)
)

select * from final

with

cells as (
    select distinct month as period
    from {{ ref('int_costing__ledger_cells') }}
),

events as (
    select distinct month as period
    from {{ ref('int_costing__driver_events') }}
),

final as (
    select period
    from cells

    union distinct

    select period
    from events
)

select * from final

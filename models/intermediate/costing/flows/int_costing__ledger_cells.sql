with

entries as (
    select
        month,
        ledger_account_id,
        waterfall_line,
        coalesce(cost_centre, '') as cost_centre,
        coalesce(department, '') as department,
        coalesce(source_territory_id, '') as territory_id,
        amount
    from {{ ref('fct_ledger_entries') }}
    where waterfall_line in ('indirect_cost', 'cost_of_goods', 'commission', 'payment_fees', 'freight', 'lead_fees')
),

final as (
    select
        month,
        ledger_account_id,
        waterfall_line,
        cost_centre,
        department,
        territory_id,
        cast(coalesce(sum(amount), 0) as decimal(18, 4)) as amount
    from entries
    group by
        month,
        ledger_account_id,
        waterfall_line,
        cost_centre,
        department,
        territory_id
)

select * from final

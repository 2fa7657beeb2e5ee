-- What changed in the newest complete quarter against the one before: by how much, through what, in which segments, and through which customers? The company's
-- parts, then each segment with its largest part, then the ten customers who moved it most.

with

calendar as (
    select
        as_of_month,
        {{ fiscal_quarter_start_of('as_of_month') }} as quarter
    from {{ ref('int_calendar__as_of') }}
),

complete as (
    select
        case
            when as_of_month = {{ month_after('quarter', 2) }} then quarter
            else {{ month_after('quarter', -3) }}
        end as period
    from calendar
),

bridge as (
    select
        profit_bridge.unit_kind,
        profit_bridge.unit_id,
        profit_bridge.part,
        profit_bridge.amount
    from {{ ref('profit_bridge') }} as profit_bridge
    inner join complete
        on profit_bridge.period = complete.period
    where profit_bridge.basis = 'actual' and profit_bridge.period_kind = 'quarter'
),

ranked as (
    select
        unit_kind,
        unit_id,
        part,
        amount,
        sum(amount) over (partition by unit_kind, unit_id) as change_amount,
        row_number() over (partition by unit_kind, unit_id order by abs(amount) desc, part) as part_rank
    from bridge
),

placed as (
    select
        *,
        row_number() over (partition by unit_kind, part_rank order by abs(change_amount) desc, unit_id) as unit_rank
    from ranked
)

select
    unit_kind,
    unit_id,
    change_amount,
    part,
    amount
from placed
where
    unit_kind = 'company'
    or (unit_kind = 'segment' and part_rank = 1)
    or (unit_kind = 'customer' and part_rank = 1 and unit_rank <= 10)
order by
    case unit_kind when 'company' then 1 when 'segment' then 2 else 3 end,
    abs(change_amount) desc,
    unit_id,
    abs(amount) desc

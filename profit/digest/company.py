"""Parts of the digest about the company: the month, why it moved, whether it is on course."""

from __future__ import annotations

from profit.digest.section import BAR, MONEY, SHARE, STATUS, VALUE, Column, part

WATERFALL = part(
    "What is left of the month's sales, and how was it in the month before and a year before?",
    "marts.profitability_reconciliation",
    [Column("Line"), Column("Month", MONEY), Column("Month before", MONEY), Column("Year before", MONEY)],
    """
    with months as (
        select
            line, line_order, line_kind,
            sum(customers_amount + unattributed_amount + below_the_line_amount) filter (where month = $month) as now,
            sum(customers_amount + unattributed_amount + below_the_line_amount)
                filter (where month = $month - interval 1 month) as before,
            sum(customers_amount + unattributed_amount + below_the_line_amount)
                filter (where month = $month - interval 1 year) as last_year
        from marts.profitability_reconciliation
        where line_kind in ('posted', 'subtotal')
        group by line, line_order, line_kind
    )
    select lines.label, months.now, months.before, months.last_year, months.line_kind = 'subtotal'
    from months
    inner join reference.waterfall_lines as lines on months.line = lines.line
    where months.line_kind = 'subtotal' or coalesce(months.now, 0) <> 0 or coalesce(months.before, 0) <> 0
    order by months.line_order
    """,
    "nothing was sold or posted",
    sums=True,
)
BRIDGE = part(
    "Why did customers' profit move since the month before? The parts sum to the change.",
    "marts.profit_bridge",
    [Column("Part"), Column("Effect on profit", BAR)],
    """
    with parts as (
        select part, amount
        from marts.profit_bridge
        where unit_kind = 'company' and period_kind = 'month' and basis = 'actual' and period = $month
    )
    select replace(part, '_', ' ') as part, amount, abs(amount) as size, false as is_sum
    from parts
    union all by name
    select 'change of customer profit' as part, sum(amount) as amount, 0 as size, true as is_sum
    from parts
    having count(*) > 0
    order by is_sum, size desc, part
    """,
    "there is no month before to compare with",
    sums=True,
)
SCORECARD = part(
    "Are the agreed numbers on course?",
    "marts.scorecard",
    [
        Column("KPI"),
        Column("Owner"),
        Column("Actual", VALUE),
        Column("Target", VALUE),
        Column("Year before", VALUE),
        Column("Attainment", SHARE),
        Column("Status", STATUS),
        Column("Trend"),
    ],
    """
    select kpi_name, owner, actual_value, target_value, last_year_value, attainment, status, trend, unit
    from marts.scorecard
    where unit_kind = 'company' and period_kind = 'month' and period = $month
    order by kpi_id
    """,
    "no KPI has a value or a target in the month",
)
ALERTS = part(
    "Who entered which state with this month?",
    "marts.kpi_alerts",
    [Column("KPI"), Column("Unit"), Column("Owner"), Column("Was", STATUS), Column("Is", STATUS), Column("Since")],
    """
    select
        kpi_name,
        case when unit_kind = 'company' then unit_id else replace(unit_kind, '_', ' ') || ' ' || unit_id end,
        owner, previous_status, status, previous_entered_on
    from marts.kpi_alerts
    where period_kind = 'month' and period = $month
    order by unit_kind <> 'company', kpi_id, unit_kind, unit_id
    """,
    "no KPI changed its state",
)
REASONS = part(
    "Which units lie behind the company's KPIs that are off their target? The three largest of each.",
    "marts.scorecard_contributions",
    [
        Column("KPI"),
        Column("Unit"),
        Column("Value", VALUE),
        Column("Target", VALUE),
        Column("Contribution", VALUE),
    ],
    """
    select
        scorecard.kpi_name, replace(parts.child_kind, '_', ' ') || ' ' || parts.child_id, parts.child_value,
        parts.child_compared_value, parts.contribution_value, scorecard.unit
    from marts.scorecard_contributions as parts
    inner join marts.scorecard
        on parts.kpi_id = scorecard.kpi_id
        and parts.unit_kind = scorecard.unit_kind
        and parts.unit_id = scorecard.unit_id
        and parts.period_kind = scorecard.period_kind
        and parts.period = scorecard.period
    where parts.unit_kind = 'company'
        and parts.period_kind = 'month'
        and parts.period = $month
        and parts.compared_with = 'target'
        and parts.contribution_value * case when scorecard.direction = 'lower' then -1 else 1 end < 0
        and parts.difference_value * case when scorecard.direction = 'lower' then -1 else 1 end < 0
    qualify row_number() over (
        partition by parts.kpi_id order by abs(parts.contribution_value) desc, parts.child_kind, parts.child_id
    ) <= 3
    order by parts.kpi_id, abs(parts.contribution_value) desc, parts.child_kind, parts.child_id
    """,
    "no KPI of the company is off its target",
)

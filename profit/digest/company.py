"""The part of the digest about the company: what is left of the month's sales."""

from __future__ import annotations

from profit.digest.section import MONEY, Column, part

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

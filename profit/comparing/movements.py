"""What differs between two warehouses that were built with different cost rules."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import duckdb

from profit.comparing.rules import RuleChange
from profit.errors import ProfitError
from profit.explaining.periods import Period
from profit.landing.quoting import quote_text

# By what customers are grouped; a column of core.dim_customer.
_SEGMENT = "customer_kind"
# Parts of the customers, in percent, at which the whale curve is read.
_CURVE_PERCENTS = (1, 5, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100)

# Each gives a key, a name and an amount, of the database {side}, for the months from $first to $last.
_AMOUNTS = {
    "lines": """
        select line, any_value(label), sum(effect * ledger_amount)
        from {side}.marts.profitability_reconciliation
        inner join {side}.reference.waterfall_lines using (line)
        where waterfall_lines.line_kind = 'posted' and month between $first and $last
        group by line
    """,
    "pools": """
        select pool_id, any_value(pool_name), sum(gross_amount)
        from {side}.core.fct_cost_pool_rates
        inner join {side}.core.dim_cost_pool using (pool_id)
        where period between $first and $last
        group by pool_id
    """,
    "activities": """
        select activity_id, any_value(activity_name), sum(amount)
        from {side}.core.fct_cost_allocations
        inner join {side}.core.dim_activity using (activity_id)
        where stage = 'pool_to_activity' and direction = 'in' and receiver_kind = 'activity'
            and period between $first and $last
        group by activity_id
    """,
    "segments": """
        select coalesce({segment}, 'unattributed'), coalesce({segment}, 'unattributed'), sum(customer_profit_amount)
        from {side}.marts.customer_profitability_monthly
        inner join {side}.core.dim_customer using (customer_id)
        where month between $first and $last
        group by all
    """,
}
_PROFITS = """
    select customer_id, sum(customer_profit_amount) as profit
    from {side}.marts.customer_profitability_monthly
    where not is_unattributed and month between $first and $last
    group by customer_id
"""


@dataclass(frozen=True)
class Built:
    """A warehouse that was built with a set of rules.

    Attributes:
        name: What the rules are called.
        warehouse: DuckDB file.
    """

    name: str
    warehouse: Path


@dataclass(frozen=True)
class Movement:
    """An amount under both sets of rules, in the reporting currency.

    Attributes:
        key: Line, pool, activity or segment.
        name: Its name for people.
        before: Under the rules compared with.
        after: Under the present rules.
    """

    key: str
    name: str
    before: Decimal
    after: Decimal

    @property
    def change(self) -> Decimal:
        """After less before."""
        return self.after - self.before


@dataclass(frozen=True)
class SignChange:
    """A customer that is profitable under one set of rules and not under the other; zero counts as profitable.

    Attributes:
        customer_id: Customer.
        before: Its profit under the rules compared with.
        after: Its profit under the present rules.
    """

    customer_id: str
    before: Decimal
    after: Decimal


@dataclass(frozen=True)
class WhaleCurve:
    """Cumulative profit of customers, the most profitable first.

    Attributes:
        customer_count: Customers with revenue or cost in the months compared.
        profitable_count: Those whose profit is not negative.
        total: Profit of all of them.
        peak: Highest point of the curve: profit of the profitable ones.
        points: Cumulative profit at each percentage of customers.
    """

    customer_count: int
    profitable_count: int
    total: Decimal
    peak: Decimal
    points: dict[int, Decimal]


@dataclass(frozen=True)
class Comparison:
    """What two sets of rules make of the same facts and ledger.

    Attributes:
        before_name: Rules compared with.
        after_name: Present rules.
        first: First month compared.
        last: Last month compared.
        rule_changes: Rows of rules that differ.
        lines: Lines of the result of the ledger; together they do not move.
        pools: Gross cost of pools.
        activities: Cost of activities.
        segments: Profit of the customers of a segment.
        sign_changes: Customers whose profit changes its sign, the largest movement first.
        curve_before: Whale curve under the rules compared with.
        curve_after: Whale curve under the present rules.
        customer_count_moved: Customers whose profit differs.
    """

    before_name: str
    after_name: str
    first: dt.date
    last: dt.date
    rule_changes: Sequence[RuleChange]
    lines: Sequence[Movement]
    pools: Sequence[Movement]
    activities: Sequence[Movement]
    segments: Sequence[Movement]
    sign_changes: Sequence[SignChange]
    curve_before: WhaleCurve
    curve_after: WhaleCurve
    customer_count_moved: int


def compare_warehouses(
    before: Built, after: Built, rule_changes: Sequence[RuleChange], period: Period | None = None
) -> Comparison:
    """Compare two warehouses.

    Args:
        before: Built with the rules compared with.
        after: Built with the present rules.
        rule_changes: Rows that differ.
        period: Months to compare, all where it is None.

    Raises:
        ProfitError: The warehouses hold no month of the period.
    """
    with duckdb.connect() as connection:
        connection.execute(f"attach {quote_text(str(before.warehouse))} as before (read_only)")
        connection.execute(f"attach {quote_text(str(after.warehouse))} as after (read_only)")
        first, last = _months(connection, period)
        months = {"first": first, "last": last}
        moved = {name: _movements(connection, query, months) for name, query in _AMOUNTS.items()}
        profits = connection.execute(
            f"""
            select coalesce(b.customer_id, a.customer_id), coalesce(b.profit, 0), coalesce(a.profit, 0)
            from ({_PROFITS.format(side="before")}) as b
            full join ({_PROFITS.format(side="after")}) as a using (customer_id)
            """,
            months,
        ).fetchall()
    changed = [SignChange(*row) for row in profits if (row[1] < 0) != (row[2] < 0)]
    return Comparison(
        before_name=before.name,
        after_name=after.name,
        first=first,
        last=last,
        rule_changes=rule_changes,
        lines=moved["lines"],
        pools=moved["pools"],
        activities=moved["activities"],
        segments=moved["segments"],
        sign_changes=sorted(changed, key=lambda one: (-abs(one.after - one.before), one.customer_id)),
        curve_before=_curve([profit for _, profit, _ in profits]),
        curve_after=_curve([profit for _, _, profit in profits]),
        customer_count_moved=sum(row[1] != row[2] for row in profits),
    )


def _months(connection: duckdb.DuckDBPyConnection, period: Period | None) -> tuple[dt.date, dt.date]:
    row = connection.execute("select min(month), max(month) from after.marts.profitability_reconciliation").fetchone()
    if row is None or row[0] is None:
        raise ProfitError("marts.profitability_reconciliation is empty; land deliveries and run `profit build`.")
    first, last = row
    if period is None:
        return first, last
    if period.last < first or period.first > last:
        raise ProfitError(f"There is nothing for {period.name}: the warehouse holds {first:%Y-%m} to {last:%Y-%m}.")
    return max(first, period.first), min(last, period.last)


def _movements(connection: duckdb.DuckDBPyConnection, query: str, months: dict[str, dt.date]) -> list[Movement]:
    """Everything that either side has, the largest movement first."""
    names: dict[str, str] = {}
    sides: list[dict[str, Decimal]] = []
    for side in ("before", "after"):
        rows = connection.execute(query.format(side=side, segment=_SEGMENT), months).fetchall()
        names |= {key: name for key, name, _ in rows}
        sides.append({key: amount for key, _, amount in rows})
    moved = [Movement(key, name, *(side.get(key, Decimal(0)) for side in sides)) for key, name in names.items()]
    return sorted(moved, key=lambda movement: (-abs(movement.change), movement.key))


def _curve(profits: Sequence[Decimal]) -> WhaleCurve:
    ranked = sorted(profits, reverse=True)
    cumulative = [Decimal(0)]
    for profit in ranked:
        cumulative.append(cumulative[-1] + profit)
    count = len(ranked)
    return WhaleCurve(
        customer_count=count,
        profitable_count=sum(profit >= 0 for profit in ranked),
        total=cumulative[-1],
        peak=max(cumulative),
        points={percent: cumulative[-(-count * percent // 100)] for percent in _CURVE_PERCENTS},
    )

"""Reads where a customer's cost comes from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import duckdb

from profit.errors import ProfitError
from profit.explaining.customers import Customer, find_customer
from profit.explaining.periods import Period, fiscal_start, read_period
from profit.explaining.tree import Names, Node, Path, build_tree
from profit.knowing import read_knowledge
from profit.paths import Paths
from profit.reading import open_warehouse

# In the order of the waterfall; what is left after the last is the customer's profit.
_MARGINS = ("net_revenue_amount", "gross_margin_amount", "contribution_margin_amount", "customer_profit_amount")

_PATHS = """
    select waterfall_line, activity_id, ledger_account_id, first_pool_id, next_pool_id, last_pool_id, sum(amount)
    from intermediate.int_costing__customer_cost_paths
    where customer_id = ? and period between ? and ?
    group by all
"""
_MINUTES = """
    select activity_id, sum(practical_minutes)
    from core.fct_cost_flows
    where stage = 'activity_to_customer' and receiver_kind = 'customer' and customer_id = ? and period between ? and ?
    group by activity_id
"""


@dataclass(frozen=True)
class Explanation:
    """Where the cost of a customer comes from.

    Attributes:
        customer: The customer, and how it was asked for.
        period: Months asked for, all where none were.
        months: Months of the period in which the customer bears cost.
        margins: Net revenue and what is left of it, from the monthly mart.
        cost: The tree; its amount is net revenue less customer profit.
        order_count: Orders of the customer in these months.
        order_date_profit: Customer profit by the day of the order, reporting currency: what belongs to an order counts
            in the month of the order.
        not_known: What the warehouse does not know of any customer, a sentence each.
    """

    customer: Customer
    period: Period
    months: Sequence[dt.date]
    margins: dict[str, Decimal]
    cost: Node
    order_count: int
    order_date_profit: Decimal
    not_known: Sequence[str] = ()

    @property
    def is_only_after_effects(self) -> bool:
        """Whether all of it belongs to orders of other months."""
        moved = any(self.margins[name] != 0 for name in ("net_revenue_amount", "customer_profit_amount"))
        return self.order_count == 0 and self.order_date_profit == 0 and moved


def explain_customer(paths: Paths, asked_for: str, period: str | None = None) -> Explanation:
    """Trace the cost of a customer to the ledger accounts.

    Args:
        paths: Where the warehouse is.
        asked_for: Customer, or a record that was merged into one, as `<system>:<number>`.
        period: Fiscal year, quarter of it, or month; all months where it is None.

    Raises:
        ProfitError: There is no warehouse, no such customer, or nothing in the period.
    """
    if period:
        read_period(period)
    with open_warehouse(paths) as warehouse:
        try:
            asked_period = read_period(period, fiscal_start(warehouse)) if period else None
            return _explain(warehouse, asked_for, asked_period)
        except duckdb.CatalogException as error:
            raise ProfitError(f"The warehouse is not complete; run `profit build` again. {error}") from error


def _explain(warehouse: duckdb.DuckDBPyConnection, asked_for: str, asked_period: Period | None) -> Explanation:
    customer = find_customer(warehouse, asked_for)
    period = _within(warehouse, asked_period)
    chosen = [customer.customer_id, period.first, period.last]
    paths = [Path(*row) for row in warehouse.execute(_PATHS, chosen).fetchall()]
    names = Names(
        lines=_pairs(warehouse, "select line, label from reference.waterfall_lines order by line_order"),
        activities=_pairs(warehouse, "select activity_id, activity_name from core.dim_activity"),
        pools=_pairs(warehouse, "select pool_id, pool_name from core.dim_cost_pool"),
        accounts=_pairs(warehouse, "select ledger_account_id, account_name from core.dim_ledger_account"),
        minutes=_pairs(warehouse, _MINUTES, chosen),
    )
    sums = ", ".join(f"coalesce(sum({column}), 0)" for column in _MARGINS)
    monthly = "from marts.customer_profitability_monthly where customer_id = ? and month between ? and ?"
    *margins, order_count, order_date_profit = warehouse.execute(
        f"select {sums}, coalesce(sum(order_count), 0), coalesce(sum(order_date_profit_amount), 0) {monthly}", chosen
    ).fetchone() or (Decimal(0),) * (len(_MARGINS) + 2)
    months = warehouse.execute(f"select month {monthly} order by month", chosen).fetchall()
    return Explanation(
        customer=customer,
        period=period,
        months=[month for (month,) in months],
        margins=dict(zip(_MARGINS, margins, strict=True)),
        cost=build_tree(customer.customer_id, paths, names),
        order_count=int(order_count),
        order_date_profit=order_date_profit,
        not_known=read_knowledge(warehouse).gaps(),
    )


def _within(warehouse: duckdb.DuckDBPyConnection, asked: Period | None) -> Period:
    """The months asked for, if the warehouse holds any of them."""
    row = warehouse.execute("select min(month), max(month) from marts.customer_profitability_monthly").fetchone()
    if row is None or row[0] is None:
        raise ProfitError("marts.customer_profitability_monthly is empty; land deliveries and run `profit build`.")
    first, last = row
    if asked is None:
        return Period("all months", first, last)
    if asked.last < first or asked.first > last:
        raise ProfitError(f"There is nothing for {asked.name}: the warehouse holds {first:%Y-%m} to {last:%Y-%m}.")
    return asked


def _pairs(warehouse: duckdb.DuckDBPyConnection, query: str, values: Sequence[object] = ()) -> dict[str, Any]:
    return {key: value for key, value in warehouse.execute(query, list(values)).fetchall() if value is not None}

"""Reads the marts for the terminal: what the warehouse holds and what it lacks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click
import duckdb

from profit.errors import ProfitError
from profit.opening import open_build
from profit.paths import Paths

_CUSTOMERS = """
    select customer_id, order_count, net_revenue_amount, contribution_margin_amount, customer_profit_amount
    from marts.customer_profitability
    where not is_unattributed and order_count > 0
    order by customer_profit_amount {direction}, customer_id
    limit 5
"""


def print_summary(paths: Paths) -> None:
    """Print where the result is, how many customers, the reconciliation, and both ends of the ranking.

    Args:
        paths: Where the warehouse is.

    Raises:
        ProfitError: There is no warehouse yet, or it is being written.
    """
    with open_warehouse(paths) as warehouse:
        customers, buyers = _row(
            warehouse,
            """
            select
                count(*) filter (where not is_unattributed),
                count(*) filter (where not is_unattributed and order_count > 0)
            from marts.customer_profitability
            """,
        )
        first, last, revenue, difference = _row(
            warehouse,
            """
            select
                min(month), max(month),
                sum(customers_amount + unattributed_amount) filter (where line = 'net_revenue'),
                sum(abs(difference_amount)) filter (where line_kind = 'posted')
            from marts.profitability_reconciliation
            """,
        )
        published = paths.published if paths.published.exists() else "nothing yet; `profit run` does it"
        click.echo(f"Published:      {published}")
        click.echo(f"Built:          {paths.warehouse}")
        _print_identity(warehouse)
        click.echo(f"Customers:      {customers:,}; {buyers:,} of them have ordered")
        click.echo(f"Net revenue:    {revenue:,.2f} from {first:%Y-%m} to {last:%Y-%m}")
        click.echo(
            f"Reconciliation: {difference:,.2f} differs from the ledger (marts.profitability_reconciliation says where)"
        )
        for title, direction in (("most", "desc"), ("least", "asc")):
            click.echo(f"\nThe five {title} profitable customers (activity-based costing)")
            _print_table(warehouse, _CUSTOMERS.format(direction=direction))


def print_coverage(paths: Paths) -> None:
    """Print a line a feed: rows, period, and the metrics that are weaker where it is missing.

    Args:
        paths: Where the warehouse is.

    Raises:
        ProfitError: There is no warehouse yet, or it is being written.
    """
    with open_warehouse(paths) as warehouse:
        _print_table(
            warehouse,
            """
            select feed, status, row_count, first_on, last_on, last_delivered_on, weaker_metrics
            from marts.data_coverage
            order by is_required desc, status, feed
            """,
        )


def open_warehouse(paths: Paths) -> duckdb.DuckDBPyConnection:
    """Open the warehouse for reading.

    Args:
        paths: Where the warehouse is.

    Raises:
        ProfitError: There is no warehouse yet, or it is being written.
    """
    return open_build(paths.warehouse, read_only=True)


def _print_identity(warehouse: duckdb.DuckDBPyConnection) -> None:
    records, identities, merges, splits = _row(
        warehouse,
        """
        select
            (select count(*) from core.customer_crosswalk),
            (select count(distinct customer_id) from core.customer_crosswalk),
            count(*) filter (where event_kind = 'merged'),
            count(*) filter (where event_kind = 'split')
        from core.customer_identity_log
        """,
    )
    waiting, at_stake = _row(
        warehouse,
        """
        select count(*), coalesce(sum(revenue), 0)
        from (
            select moved_customer_id, max(abs(moved_net_revenue_amount)) as revenue, count(*) as pairs
            from marts.identity_review_queue
            group by moved_customer_id
        )
        """,
    )
    click.echo(
        f"Identity:       {records:,} records -> {identities:,} customers and prospects; "
        f"{merges:,} merges, {splits:,} splits"
    )
    click.echo(
        f"Reviews:        {waiting:,} waiting, {at_stake:,.2f} of net revenue at stake (marts.identity_review_queue)"
    )


def _row(warehouse: duckdb.DuckDBPyConnection, query: str) -> tuple[Any, ...]:
    try:
        row = warehouse.execute(query).fetchone()
    except duckdb.CatalogException as error:
        raise ProfitError(f"The warehouse is not complete; run `profit build` again. {error}") from error
    if row is None:
        raise ProfitError("The marts are empty; run `profit build` again.")
    return row


def _print_table(warehouse: duckdb.DuckDBPyConnection, query: str) -> None:
    result = warehouse.execute(query)
    names = [column[0] for column in result.description or ()]
    rows = result.fetchall()
    cells = [[_text(value) for value in row] for row in rows]
    widths = [max(len(line[place]) for line in [names, *cells]) for place in range(len(names))]
    is_number = [
        any(isinstance(row[place], (int, float)) or hasattr(row[place], "quantize") for row in rows)
        for place in range(len(names))
    ]
    for line in [names, *cells]:
        click.echo("  " + "  ".join(_aligned(line, widths, is_number)).rstrip())


def _aligned(line: Sequence[str], widths: Sequence[int], is_number: Sequence[bool]) -> list[str]:
    return [
        text.rjust(width) if right else text.ljust(width)
        for text, width, right in zip(line, widths, is_number, strict=True)
    ]


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:,.2f}" if hasattr(value, "quantize") or isinstance(value, float) else str(value)

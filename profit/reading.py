"""Reads the marts for the terminal: what the warehouse holds and what it lacks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click
import duckdb

from profit.errors import ProfitError
from profit.knowing import Knowledge, read_knowledge
from profit.opening import open_build
from profit.paths import Paths

_CUSTOMERS = """
    select customer_id, order_count, net_revenue_amount, contribution_margin_amount, customer_profit_amount
    from marts.customer_profitability
    where not is_unattributed and order_count > 0
    order by customer_profit_amount {direction}, customer_id
    limit 5
"""
_ACTIONS = ("cross_sells", "prospects", "referrals", "margin_repairs", "win_backs")


def print_summary(paths: Paths) -> None:
    """Print where the result is, how many customers, the reconciliation, both ends of the ranking, and what is unknown.

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
        if first is None:
            click.echo("Net revenue:    none; no order was delivered (sales.orders)")
        else:
            click.echo(f"Net revenue:    {revenue:,.2f} from {first:%Y-%m} to {last:%Y-%m}")
        known = read_knowledge(warehouse)
        _print_reconciliation(known, difference)
        _print_loss_makers(warehouse)
        _print_actions(warehouse)
        for gap in known.gaps():
            click.echo(f"Not known:      {gap}")
        for title, direction in (("most", "desc"), ("least", "asc")):
            click.echo(f"\nThe five {title} profitable customers ({known.method})")
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


def _print_reconciliation(known: Knowledge, difference: Any) -> None:
    if known.has_ledger:
        said = f"{difference or 0:,.2f} differs from the ledger (marts.profitability_reconciliation says where)"
    else:
        said = "no ledger was delivered, so there is nothing to compare with (finance.ledger_entries)"
    click.echo(f"Reconciliation: {said}")


def _print_loss_makers(warehouse: duckdb.DuckDBPyConnection) -> None:
    """Those of the last twelve months; who has only after-effects of earlier orders is told apart."""
    customers, losers, loss, after_effects = _row(
        warehouse,
        """
        select
            coalesce(sum(customer_count), 0), coalesce(sum(loss_maker_count), 0), coalesce(sum(loss_amount), 0),
            coalesce(sum(after_effect_customer_count), 0)
        from marts.whale_curve_summary
        where scope = 'all' and period = 'last_12m'
        """,
    )
    apart = f"; {after_effects:,} more have only after-effects of earlier orders" if after_effects else ""
    click.echo(
        f"Loss-makers:    {losers:,} of {customers:,} in twelve months take {loss:,.2f} away{apart} "
        "(marts.whale_curve_summary)"
    )


def _print_actions(warehouse: duckdb.DuckDBPyConnection) -> None:
    found = " union all ".join(f"select rule_id, expected_margin_amount from marts.action_{name}" for name in _ACTIONS)
    rules = f"""
        from ({found}) as found
        inner join reference.action_rules as rules on found.rule_id = rules.rule_id
        where rules.is_active
    """
    chosen, left_out = _row(
        warehouse,
        f"""
        select
            (select count(*) from marts.next_best_actions),
            count(*) filter (where found.expected_margin_amount < rules.minimum_expected_margin_amount)
        {rules}
        """,
    )
    if chosen or not left_out:
        below = f"; {left_out:,} more are below the minimum of their rule" if left_out else ""
        click.echo(f"Next actions:   {f'{chosen:,}' if chosen else 'none found'}{below} (marts.next_best_actions)")
        return
    rule, action, margin, minimum = _row(
        warehouse,
        f"""
        select rules.rule_id, rules.action, found.expected_margin_amount, rules.minimum_expected_margin_amount
        {rules}
        order by found.expected_margin_amount desc, rules.rule_id
        limit 1
        """,
    )
    click.echo(
        f"Next actions:   none; {left_out:,} found, all below the minimum of their rule. The best left out: {action} "
        f"({rule}), {margin:,.2f} of at least {minimum:,.2f} (analyses/actions_left_out.sql lists them)"
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

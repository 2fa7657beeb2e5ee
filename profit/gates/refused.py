"""What landing has refused: the receipts, held against the share of a delivery that may lie in quarantine."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence

import click
import duckdb

from profit.contract import Feed
from profit.errors import LandingError, SettingError, printable
from profit.gates.report import STOP, WARN
from profit.gates.rules import TOLERATED_SHARE, QueryRule, Rule, summary_query
from profit.gates.workspace import insert_rows
from profit.landing.quoting import quote_text
from profit.landing.receipts import RefusedShare, refused_shares
from profit.paths import Paths

TABLE = "gate_refused"
EMPTIED = "gate_emptied"
VARIABLE = "PROFIT_LIMIT_REFUSED_SHARE"
# One or two bad rows of a small delivery are no change of format, unless they are most of it.
_FEW_ROWS, _MOST = 2, 0.5
_SHOWN = 10
_SHOWN_COLUMNS = 3


def governed_share(feed: Feed | None = None) -> float:
    """Share of a delivery's rows above which the gate stops: of the feed in the contract, else of all feeds.

    Args:
        feed: Feed of the contract, whose `refused_share` goes before the setting for all.

    Raises:
        SettingError: The setting is no number from 0 to 1.
    """
    if feed is not None and feed.refused_share is not None:
        return float(feed.refused_share)
    given = os.environ.get(VARIABLE)
    if given is None:
        return TOLERATED_SHARE
    try:
        share = float(given)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise SettingError(f"{VARIABLE} is '{printable(given)}'; write a share from 0 to 1, such as 0.05.")
    return share


def add_shares(connection: duckdb.DuckDBPyConnection, shares: Sequence[RefusedShare]) -> None:
    """Add the shares to the gate's workspace, where the rules count them.

    Args:
        connection: The workspace, open for writing.
        shares: What the receipts say.
    """
    connection.execute(f"create table {TABLE} (feed varchar, place varchar, share double, rows_refused bigint)")
    insert_rows(connection, TABLE, [(each.feed, said(each), each.share, each.rows_quarantined) for each in shares])
    connection.execute(f"create table {EMPTIED} (feed varchar, place varchar, share double)")
    emptied = [
        (each.feed, f"{each.source_system} on {each.delivered_on}: {column} {count:,}", count / max(each.rows_read, 1))
        for each in shares
        for column, count in each.emptied_by_column.items()
    ]
    insert_rows(connection, EMPTIED, emptied)


def refused_rules(name: str, feeds: Mapping[str, Feed]) -> Iterator[Rule]:
    """Rules of what was refused of a feed: many rows of a delivery stop the run, any row is told.

    Args:
        name: `<department>.<table>`.
        feeds: Feeds of the contract by name.
    """
    share = governed_share(feeds.get(name))
    of_feed = f"from {TABLE} where feed = {quote_text(name)}"
    many = f"share > {share} and (rows_refused > {_FEW_ROWS} or share > {_MOST})"
    for severity, condition, rule, reason in (
        (
            STOP,
            many,
            f"at most {share:.1%} of the rows of a delivery were refused",
            "Most likely a format has changed: what is missing would be missing from every number. Look into the "
            "quarantine, take the delivery back by `profit land withdraw` and land it mended; or, if it is right so, "
            f"raise {VARIABLE}, or refused_share of the feed in the contract.",
        ),
        (
            WARN,
            "rows_refused > 0",
            "no row of a delivery was refused",
            "The rows lie in the quarantine, each with its reason; have them corrected at the source.",
        ),
    ):
        query = summary_query(f"select * {of_feed} and {condition}", "place", f"select count(*) {of_feed}")
        yield QueryRule(name, rule, severity, reason, query=query)


def emptied_rules(name: str) -> Iterator[Rule]:
    """Rules of the values of a feed that were left empty: most of a column stop the run, any value is told.

    Args:
        name: `<department>.<table>`.
    """
    of_feed = f"from {EMPTIED} where feed = {quote_text(name)}"
    for severity, condition, rule, reason in (
        (
            STOP,
            f"share > {_MOST}",
            f"at most {_MOST:.0%} of the values of a column were left empty",
            "Most likely its format has changed. Look into the quarantine, take the delivery back by `profit land "
            "withdraw` and land it mended.",
        ),
        (
            WARN,
            "true",
            "no value that could not be typed was left empty",
            "The rows were landed without it; the values lie in the quarantine, each with its reason.",
        ),
    ):
        query = summary_query(f"select * {of_feed} and {condition}", "place", f"select count(*) {of_feed}")
        yield QueryRule(name, rule, severity, reason, query=query)


def said(share: RefusedShare) -> str:
    """One delivery in words: how many of its rows were refused, and for which columns."""
    columns = [f"{column} {count:,}" for column, count in share.refused_by_column.items()]
    more = [f"{len(columns) - _SHOWN_COLUMNS} more columns"] if len(columns) > _SHOWN_COLUMNS else []
    because = f" for {', '.join(columns[:_SHOWN_COLUMNS] + more)}" if columns else ""
    return (
        f"{share.source_system} on {share.delivered_on}: {share.rows_quarantined:,} of {share.rows_read:,} rows "
        f"({share.share:.1%}){because}"
    )


def print_refused(paths: Paths) -> None:
    """Print what the quarantine holds of the deliveries that are landed; nothing where nothing was refused.

    Args:
        paths: Where the landing zone and the quarantine are.
    """
    try:
        refused = [share for share in refused_shares(paths) if share.rows_quarantined]
    except LandingError as error:
        click.echo(f"profit: what was refused cannot be told: {error}", err=True)
        return
    if not refused:
        return
    rows, read = (sum(getattr(each, name) for each in refused) for name in ("rows_quarantined", "rows_read"))
    click.echo(f"Refused: {rows:,} of {read:,} rows of {len(refused):,} deliveries lie in {paths.quarantine}")
    for share in sorted(refused, key=lambda each: -each.share)[:_SHOWN]:
        click.echo(f"  {share.feed} from {said(share)}")
    if len(refused) > _SHOWN:
        click.echo(f"  and {len(refused) - _SHOWN:,} more deliveries")

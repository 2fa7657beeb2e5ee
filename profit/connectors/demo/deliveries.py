"""From the final state to deliveries: late, corrected, withdrawn and refused rows, by feed and system."""

from __future__ import annotations

from pathlib import Path

import duckdb

from profit.contract import Feed, read_contract
from profit.landing.delivery import Delivery

ORIGIN = "demo company"
# Columns delivered as text, because one row holds words where a number belongs.
_GARBLED = {"order_lines": ("quantity", "'two'"), "surveys": ("score", "'n/a'")}
# Kinds of rows in the order in which they stand in a delivery: a row that repeats another must come after it.
_PARTS = (("versions", 0), ("final", 1), ("refused", 2))


def make_dirt(connection: duckdb.DuckDBPyConnection) -> None:
    """Spread the final state over the deliveries, and add earlier versions and rows that will be refused."""
    connection.execute(Path(__file__).with_name("dirt.sql").read_text(encoding="utf-8"))


def add_deliveries(connection: duckdb.DuckDBPyConnection, delivery: Delivery, department: str) -> None:
    """Type every delivery of a department's feeds.

    Args:
        connection: Database with a table `final_<table>` for each feed and, where there are any, `versions_<table>` and
            `refused_<table>` with the same columns.
        delivery: Open delivery to add to.
        department: Department of the contract whose feeds are added.
    """
    tables = {row[0] for row in connection.execute("select table_name from duckdb_tables()").fetchall()}
    for feed in read_contract().values():
        if feed.department != department:
            continue
        parts = [(f"{part}_{feed.table}", rank) for part, rank in _PARTS if f"{part}_{feed.table}" in tables]
        made = connection.execute(f"select column_name from (describe final_{feed.table})").fetchall()
        # Not every optional column of the contract is one that this company has.
        delivered = [name for name in feed.columns if (name,) in made]
        systems = connection.execute(f"select distinct source_system from final_{feed.table} order by 1").fetchall()
        for (system,) in systems:
            delivery.add(
                feed,
                _delivered_rows(feed, parts, system, delivered),
                source_system=system,
                delivered_on=None,
                origin=f"{ORIGIN}, {feed.name} of {system}",
            )


def _delivered_rows(feed: Feed, parts: list[tuple[str, int]], system: str, delivered: list[str]) -> str:
    columns = ", ".join(delivered)
    versions = " union all ".join(
        f"select {columns}, _n, _delivery, {rank} as _rank from {table} where source_system = '{system}'"
        for table, rank in parts
    )
    listed = [_as_delivered(feed, name) for name in delivered]
    return f"""
        select {", ".join(listed)}, deliveries.delivered_on,
            row_number() over (partition by _delivery order by _n, _rank, {", ".join(feed.key)}) as _line
        from ({versions}) inner join deliveries on _delivery = deliveries.delivery
    """


def _as_delivered(feed: Feed, name: str) -> str:
    column, words = _GARBLED.get(feed.table, ("", ""))
    if name != column:
        return name
    return f"case when _rank = 2 then {words} else cast({name} as varchar) end as {name}"

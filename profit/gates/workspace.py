"""A small DuckDB file beside the landed files: views over them, and what no single feed can say of itself.

The rows stay in the landed files; the workspace holds views, and a row or two per delivery and per reference.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from profit.contract import Column, Feed
from profit.gates.folders import opened
from profit.gates.structure import LandedFile
from profit.landing.quoting import quote_name, quote_path, quote_text
from profit.landing.typing import key_text

FINDINGS = "gate_findings"
DELIVERIES = "gate_deliveries"
REFERENCES = "gate_references"
WITHDRAWN = "gate_withdrawn"
ZERO_SUMS = "gate_zero_sums"
MEANS = "gate_means"

# A mean says nothing before a system has delivered a few times.
DELIVERIES_TO_COMPARE = 4


@dataclass(frozen=True)
class Workspace:
    """The DuckDB file that the gate's rules are counted on.

    Attributes:
        path: The file.
        feeds: Feeds that have sound files, by name.
        compared: Feeds with money columns and enough deliveries to compare their means.
        checked_references: Column and feed of every reference whose partner was delivered, by feed.
    """

    path: Path
    feeds: Mapping[str, Feed]
    compared: frozenset[str]
    checked_references: Mapping[str, tuple[Column, ...]]


def view_name(feed: Feed) -> str:
    """Name of the view over the landed files of a feed: `<department>__<table>`."""
    return f"{feed.department}__{feed.table}"


def row_label(feed: Feed, prefix: str = "") -> str:
    """Make the SQL that names a row: system and key."""
    parts = [f"cast({prefix}{quote_name(name)} as varchar)" for name in ("source_system", *feed.key)]
    return f"concat_ws(':', {', '.join(parts)})"


def money_columns(feed: Feed) -> list[str]:
    """Columns that hold money, by the project's naming: they end in `amount` or `price`."""
    return [
        column.name
        for column in feed.columns.values()
        if column.data_type.startswith("decimal") and column.name.endswith(("amount", "price"))
    ]


def prepare_workspace(
    folder: Path, feeds: Mapping[str, Feed], files: Mapping[str, list[LandedFile]], landing: Path
) -> Workspace:
    """Write the workspace.

    Args:
        folder: Empty folder for the workspace and for what DuckDB spills.
        feeds: Feeds of the contract by `<department>.<table>`.
        files: Sound landed files by feed.
        landing: The landing zone that they lie in.
    """
    path = folder / "workspace.duckdb"
    landed = {name: feeds[name] for name in sorted(files)}
    compared = {
        name
        for name, feed in landed.items()
        if money_columns(feed) and _most_deliveries(files[name]) >= DELIVERIES_TO_COMPARE
    }
    references = {
        name: tuple(
            column for column in feed.columns.values() if column.references and column.references.feed in landed
        )
        for name, feed in landed.items()
    }
    with opened(path, folder, [landing]) as connection:
        _add_deliveries(connection, files)
        for name, feed in landed.items():
            connection.execute(f"create view {view_name(feed)} as {_landed_rows(feed, files[name])}")
            _add_newest(connection, feed, files[name])
        _add_references(connection, landed, references)
        _add_zero_sums(connection, landed)
        connection.execute(
            f"create table {MEANS} (feed varchar, money_column varchar, source_system varchar, delivered_on date, "
            f"row_count bigint, mean_amount double)"
        )
        for name in sorted(compared):
            _add_means(connection, landed[name])
    return Workspace(path, landed, frozenset(compared), references)


def _most_deliveries(files: list[LandedFile]) -> int:
    days: dict[str, set[object]] = {}
    for file in files:
        days.setdefault(file.source_system, set()).add(file.delivered_on)
    return max(len(of_system) for of_system in days.values())


def _add_deliveries(connection: duckdb.DuckDBPyConnection, files: Mapping[str, list[LandedFile]]) -> None:
    connection.execute(
        f"create table {DELIVERIES} (feed varchar, source_system varchar, delivered_on date, path varchar, "
        f"row_count bigint)"
    )
    rows = [
        (file.feed, file.source_system, file.delivered_on, str(file.path), file.row_count)
        for of_feed in files.values()
        for file in of_feed
    ]
    insert_rows(connection, DELIVERIES, rows)


def insert_rows(connection: duckdb.DuckDBPyConnection, table: str, rows: Sequence[Sequence[object]]) -> None:
    """Insert rows in one statement: one by one takes a millisecond each.

    Args:
        connection: Where the table is.
        table: SQL name of the table.
        rows: Rows, their values in the order of the table's columns.
    """
    if rows:
        columns = [list(column) for column in zip(*rows, strict=True)]
        connection.execute(f"insert into {table} select {', '.join('unnest(?)' for _ in columns)}", columns)


def _landed_rows(feed: Feed, files: list[LandedFile]) -> str:
    """Select of the rows as they lie in the files; optional columns that no file has are typed nulls."""
    delivered = {name for file in files for name in file.columns}
    columns = ", ".join(
        quote_name(column.name)
        if column.name in delivered
        else f"cast(null as {column.data_type}) as {quote_name(column.name)}"
        for column in feed.columns.values()
    )
    paths = ", ".join(quote_path(file.path) for file in files)
    return (
        f"select source_system, delivered_on, filename, {columns} from read_parquet([{paths}], union_by_name = true, "
        f"filename = true, hive_partitioning = true, hive_types = {{'source_system': varchar, 'delivered_on': date}})"
    )


def _add_newest(connection: duckdb.DuckDBPyConnection, feed: Feed, files: list[LandedFile]) -> None:
    """Make `newest_<view>`: the newest version of every row that is not withdrawn, as staging takes it."""
    name = view_name(feed)
    kept = "not coalesce(is_deleted, false)"
    if len({file.source_system for file in files}) == len(files):
        connection.execute(f"create temp view newest_{name} as select * from {name} where {kept}")
        return
    key = f"hash(source_system, {', '.join(key_text(feed))})"
    versions = f"""
        (
            select {name}.*, {key} as version_key, files.version
            from {name}
            inner join (
                select path, row_number() over (order by delivered_on, parse_filename(path, true)) as version
                from {DELIVERIES} where feed = {quote_text(feed.name)}
            ) as files on {name}.filename = files.path
        )
    """
    # Most rows have one version; only the others need to be looked up.
    connection.execute(
        f"create temp table latest_{name} as select version_key, max(version) as newest_version "
        f"from {versions} group by version_key having count(*) > 1"
    )
    connection.execute(
        f"create temp view newest_{name} as "
        f"select versions.* exclude (version_key, version) from {versions} as versions "
        f"left join latest_{name} as latest on versions.version_key = latest.version_key "
        f"where {kept} and versions.version = coalesce(latest.newest_version, versions.version)"
    )


def _add_references(
    connection: duckdb.DuckDBPyConnection, feeds: Mapping[str, Feed], references: Mapping[str, tuple[Column, ...]]
) -> None:
    """Count, for every reference, the rows whose partner nobody delivered, and those whose partner was withdrawn."""
    for table in (REFERENCES, WITHDRAWN):
        connection.execute(
            f"create table {table} (feed varchar, column_name varchar, rows_checked bigint, rows_failed bigint, "
            f"sample_keys varchar[])"
        )
    partners = {column.references.feed for columns in references.values() for column in columns if column.references}
    for name in sorted(partners):
        view, number = view_name(feeds[name]), key_text(feeds[name])[0]
        connection.execute(
            f"create temp table keys_{view} as select source_system as system, {number} as number "
            f"from newest_{view} group by all"
        )
        connection.execute(
            f"create temp table withdrawn_{view} as select source_system as system, {number} as number "
            f"from {view} where is_deleted group by all except select system, number from keys_{view}"
        )
    for name, columns in references.items():
        if columns:
            row = connection.execute(_missing_partners(feeds[name], columns, feeds)).fetchone() or ()
            for table, first in ((REFERENCES, 0), (WITHDRAWN, 3 * len(columns))):
                counted = [
                    (name, column.name, *row[first + 3 * place : first + 3 * place + 3])
                    for place, column in enumerate(columns)
                ]
                insert_rows(connection, table, counted)


def _missing_partners(feed: Feed, columns: Sequence[Column], feeds: Mapping[str, Feed]) -> str:
    """Select of rows checked, rows failed and samples of every reference of a feed, in one scan.

    What nobody delivered comes first, what was withdrawn after all of it.
    """
    unknown: list[str] = []
    withdrawn: list[str] = []
    joins = []
    for place, column in enumerate(columns):
        reference = column.references
        if reference is None:
            continue
        system = f"nullif(trim(child.{reference.system_column}), '')" if reference.system_column else "null"
        number = f"nullif(trim(cast(child.{quote_name(column.name)} as varchar)), '')"
        is_found = {}
        for kind in ("keys", "withdrawn"):
            partner, only = f"{kind}_{place}", f"only_{kind}_{place}"
            keys = f"{kind}_{view_name(feeds[reference.feed])}"
            joins.append(
                f"left join {keys} as {partner} "
                f"on {number} = {partner}.number and coalesce({system}, child.source_system) = {partner}.system"
            )
            is_found[kind] = f"{partner}.number is not null"
            if reference.is_known_elsewhere:
                joins.append(
                    f"left join (select number from {keys} group by number having count(*) = 1) as {only} "
                    f"on {number} = {only}.number"
                )
                is_found[kind] += f" or {system} is null and {only}.number is not null"
        missing = f"{number} is not null and not ({is_found['keys']})"
        label = f"{row_label(feed, 'child.')} || ' → ' || {number}"
        for counts, condition in (
            (unknown, f"{missing} and not ({is_found['withdrawn']})"),
            (withdrawn, f"{missing} and ({is_found['withdrawn']})"),
        ):
            counts.append(
                f"count({number}), count(*) filter (where {condition}), min(case when {condition} then {label} end, 5)"
            )
    return f"select {', '.join([*unknown, *withdrawn])} from newest_{view_name(feed)} as child {' '.join(joins)}"


def _add_zero_sums(connection: duckdb.DuckDBPyConnection, feeds: Mapping[str, Feed]) -> None:
    connection.execute(
        f"create table {ZERO_SUMS} (feed varchar, rows_checked bigint, rows_failed bigint, sample_keys varchar[])"
    )
    for feed in feeds.values():
        if feed.sums_to_zero is None:
            continue
        groups = ", ".join(("source_system", *feed.sums_to_zero.within))
        first = feed.sums_to_zero.within[0]
        label = f"concat_ws(':', source_system, {first}) || ' sums to ' || total"
        connection.execute(f"""
            insert into {ZERO_SUMS}
            select {quote_text(feed.name)}, count(*), count(*) filter (where total <> 0),
                min({label}, 5) filter (where total <> 0)
            from (
                select {groups}, sum({feed.sums_to_zero.column}) as total
                from newest_{view_name(feed)} where {first} is not null group by {groups}
            )
        """)


def _add_means(connection: duckdb.DuckDBPyConnection, feed: Feed) -> None:
    for name in money_columns(feed):
        connection.execute(f"""
            insert into {MEANS}
            select {quote_text(feed.name)}, {quote_text(name)}, source_system, delivered_on, count({name}),
                avg(abs(cast({name} as double)))
            from {view_name(feed)} group by source_system, delivered_on having count({name}) > 0
        """)

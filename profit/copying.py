"""The copy that is published: core, marts and reference data with their descriptions, and the manifest."""

from __future__ import annotations

import datetime as dt
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import click
import duckdb

from profit import __version__
from profit.engines import lock_engine
from profit.errors import PublishError
from profit.gates.marts_suites import Table, published_tables
from profit.landing.quoting import quote_name, quote_text
from profit.manifest import manifest_definition
from profit.paths import PROJECT_ROOT, Paths

SCHEMAS = ("core", "marts", "reference")
# What stands for the deliveries of a table that comes from none, such as rules.
_NONE = "none"
_SMALL = 500 * 2**20
_NAMED = 5

# Tables before views, and views in the order in which they were made: each finds what it reads.
_RELATIONS = """
    select schema_name, relation_name, definition, comment
    from (
        select schema_name, table_name as relation_name, null as definition, comment, 0 as made
        from duckdb_tables() where database_name = $1 and schema_name in (select unnest($2))
        union all
        select schema_name, view_name, sql, comment, view_oid
        from duckdb_views() where database_name = $1 and schema_name in (select unnest($2)) and not internal
    )
    order by made, schema_name, relation_name
"""


@dataclass(frozen=True)
class BuiltTable:
    """What a build wrote down of a table.

    Attributes:
        run_id: Run that built it.
        built_at: When, UTC.
        deliveries_id: Deliveries that it and everything that it reads are from.
    """

    run_id: str
    built_at: str
    deliveries_id: str


@dataclass(frozen=True)
class BuildState:
    """What a warehouse says of its builds.

    Attributes:
        deliveries_id: Deliveries that the last build read.
        tables: Tables of core, marts and reference, as they were built.
        older: Names of published tables that are not from these deliveries, or of which nobody knows.
    """

    deliveries_id: str
    tables: Mapping[tuple[str, str], BuiltTable]
    older: tuple[str, ...]

    def check(self, *, is_partial: bool, otherwise: str) -> None:
        """Check that every table is from the deliveries of the last build.

        Args:
            is_partial: Whether it is asked for that some are not.
            otherwise: What a refusal leaves, for the message.

        Raises:
            PublishError: Some are not, and nobody asked for it.
        """
        if not self.older:
            return
        named = ", ".join(self.older[:_NAMED])
        more = f" and {len(self.older) - _NAMED:,} more" if len(self.older) > _NAMED else ""
        if not is_partial:
            raise PublishError(
                f"{len(self.older):,} tables are not from the deliveries that the last build read: {named}{more}. "
                f"Build all of them (`profit run` without --select), or publish them as they are with --partial: the "
                f"manifest then says of each from which deliveries it is. {otherwise}"
            )
        click.echo(f"Partial: {len(self.older):,} tables are from other deliveries than the last build: {named}{more}")


def read_state(connection: duckdb.DuckDBPyConnection, database: str = "") -> BuildState:
    """Read what a warehouse says of its builds.

    Args:
        connection: Where it can be read.
        database: Name under which it is attached; empty for the connection's own.

    Raises:
        PublishError: It says nothing: it was built by an earlier version, or its first build did not end.
    """
    landing = f"{quote_name(database)}.landing" if database else "landing"
    try:
        ((now,),) = connection.execute(f"select deliveries_id from {landing}.build").fetchall()
        rows = connection.execute(
            f"select schema_name, table_name, run_id, built_at, deliveries_id from {landing}.built_tables "
            f"where schema_name in {SCHEMAS}"
        ).fetchall()
    except (duckdb.CatalogException, ValueError) as error:
        raise PublishError(
            "The warehouse does not say which build its tables are from: it was built by an earlier version, or no "
            "build has ended; run `profit run`. What is published stays."
        ) from error
    tables = {(schema, name): BuiltTable(*row) for schema, name, *row in rows}
    expected = {(table.schema, table.name) for table in published_tables()}
    older = [
        f"{schema}.{name}"
        for schema, name in sorted(tables.keys() | expected)
        if (schema, name) not in tables or tables[schema, name].deliveries_id not in (now, _NONE)
    ]
    return BuildState(str(now), tables, tuple(older))


def fill(fresh: Path, paths: Paths, *, checked_results: str, run_id: str, is_partial: bool, otherwise: str) -> None:
    """Copy tables and views with their descriptions, and write the manifest, in one transaction.

    Args:
        fresh: File to make.
        paths: Where the warehouse is.
        checked_results: Results of the gate that it passed.
        run_id: Run that publishes.
        is_partial: Whether tables may be from other deliveries than the last build.
        otherwise: What a refusal leaves, for the message.

    Raises:
        PublishError: The warehouse holds no marts, or a table is from other deliveries.
    """
    with duckdb.connect(str(fresh)) as published:
        if paths.warehouse.stat().st_size < _SMALL:
            # Threads would wait for one another longer than they work.
            published.execute("set threads = 1")
        lock_engine(published, files=[paths.warehouse, Path(f"{paths.warehouse}.wal")])
        # Under its own name, which its views have before what they read.
        warehouse = paths.warehouse.stem
        published.execute(f"attach {quote_text(str(paths.warehouse))} as {quote_name(warehouse)} (read_only)")
        relations = published.execute(_RELATIONS, [warehouse, list(SCHEMAS)]).fetchall()
        if not any(schema == "marts" for schema, _, _, _ in relations):
            raise PublishError(f"{paths.warehouse} holds no marts; run `profit build`. {otherwise}")
        state = read_state(published, warehouse)
        state.check(is_partial=is_partial, otherwise=otherwise)
        tables = published_tables()
        relations = _of_models(relations, state, tables)
        published.execute("begin")
        published.execute(manifest_definition())
        for schema in SCHEMAS:
            published.execute(f"create schema {quote_name(schema)}")
        owners = {(table.schema, table.name): table.owner for table in tables}
        for schema, name, definition, comment in relations:
            kind = _copy(published, _qualified(schema, name), definition, warehouse)
            if comment:
                owner = owners.get((schema, name))
                said = f"{comment} Owner: {owner}." if owner else comment
                published.execute(f"comment on {kind} {_qualified(schema, name)} is {quote_text(said)}")
        published.execute(_column_comments(published, warehouse, relations))
        _fill_manifest(published, relations, state, warehouse)
        now = dt.datetime.now(dt.UTC).replace(tzinfo=None)
        published.execute(
            "insert into manifest values (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                run_id,
                now,
                checked_results,
                __version__,
                commit(),
                duckdb.__version__,
                state.deliveries_id,
                bool(state.older),
            ],
        )
        published.execute("commit")
        published.execute(f"detach {quote_name(warehouse)}")
        published.execute("checkpoint")


_Relation = tuple[str, str, str | None, str | None]


def _of_models(relations: Sequence[_Relation], state: BuildState, tables: Sequence[Table]) -> list[_Relation]:
    """Leave out what no model or seed of the project has made: the gate has not looked at it."""
    known = state.tables.keys() | {(table.schema, table.name) for table in tables}
    left_out = [f"{schema}.{name}" for schema, name, *_ in relations if (schema, name) not in known]
    if left_out:
        click.echo(f"Not published, as no model of the project makes it: {', '.join(left_out)}")
    return [relation for relation in relations if relation[:2] in known]


def _fill_manifest(
    published: duckdb.DuckDBPyConnection, relations: Sequence[_Relation], state: BuildState, warehouse: str
) -> None:
    landing = f"{quote_name(warehouse)}.landing"
    published.execute(_counts(relations))
    published.execute(
        f"update manifest_tables set run_id = built.run_id, built_at = cast(built.built_at as timestamp), "
        f"deliveries_id = nullif(built.deliveries_id, '{_NONE}') from {landing}.built_tables as built "
        f"where manifest_tables.schema_name = built.schema_name and manifest_tables.table_name = built.table_name"
    )
    published.execute(f"insert into manifest_deliveries by name select * from {landing}.deliveries")
    published.execute(
        f"insert into manifest_delivery_sets by name select * from {landing}.delivery_sets "
        f"where deliveries_id in (select deliveries_id from manifest_tables) or deliveries_id = ?",
        [state.deliveries_id],
    )


def _qualified(schema: str, name: str) -> str:
    return f"{quote_name(schema)}.{quote_name(name)}"


def _copy(published: duckdb.DuckDBPyConnection, name: str, definition: str | None, warehouse: str) -> str:
    """Copy a table, or a view: as a view where it reads only what is published, else as a table of its rows."""
    if definition is None:
        published.execute(f"create table {name} as from {quote_name(warehouse)}.{name}")
        return "table"
    # What the view reads lies beside it here.
    here = re.sub(rf"""(?<![\w."'])"?{re.escape(warehouse)}"?\.""", "", definition)
    try:
        published.execute(here)
    except (duckdb.CatalogException, duckdb.BinderException):
        published.execute(f"create table {name} as from {quote_name(warehouse)}.{name}")
        return "table"
    return "view"


def _counts(relations: Sequence[_Relation]) -> str:
    """Insert of how many rows each relation has, in one statement."""
    counts = " union all ".join(
        f"select {quote_text(schema)}, {quote_text(name)}, count(*) from {_qualified(schema, name)}"
        for schema, name, _, _ in relations
    )
    return f"insert into manifest_tables (schema_name, table_name, row_count) {counts}"


def _column_comments(published: duckdb.DuckDBPyConnection, warehouse: str, relations: Sequence[_Relation]) -> str:
    """Statements that give every published column its description."""
    copied = {relation[:2] for relation in relations}
    rows = published.execute(
        """
        select schema_name, table_name, column_name, comment from duckdb_columns()
        where database_name = ? and schema_name in (select unnest(?)) and comment is not null
        """,
        [warehouse, list(SCHEMAS)],
    ).fetchall()
    return ";".join(
        f"comment on column {_qualified(schema, table)}.{quote_name(column)} is {quote_text(text)}"
        for schema, table, column, text in rows
        if (schema, table) in copied
    )


def commit() -> str | None:
    """Commit of the code that publishes, with a mark where the tree was changed; None where git cannot say."""
    command = ["git", "-C", str(PROJECT_ROOT), "describe", "--always", "--dirty", "--abbrev=40"]
    try:
        described = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    except FileNotFoundError:
        return None
    return described.stdout.strip() or None

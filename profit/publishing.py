"""Publishes what passed the gates: one read-only DuckDB file, swapped in whole."""

from __future__ import annotations

import datetime as dt
import os
import re
import subprocess
import uuid
from collections.abc import Sequence
from pathlib import Path

import click
import duckdb

from profit import __version__
from profit.building import run_operation
from profit.engines import SPARK
from profit.errors import PublishError
from profit.gates import read_pass
from profit.landing.quoting import quote_name, quote_text
from profit.paths import PROJECT_ROOT, Paths

SCHEMAS = ("core", "marts", "reference")
_READ_ONLY = 0o444
_SMALL = 500 * 2**20

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


def publish_warehouse(paths: Paths, run_id: str | None = None) -> Path:
    """Copy core, marts and governed reference data into a new file and put it in the place of the published one.

    A reader who has the old file open goes on reading it. Killed at any moment, the published file is the old one or
    the new one, whole; what a killed run left beside it is cleared away by the next.

    Args:
        paths: Where the warehouse, the gates' results and the published file are.
        run_id: Run that publishes, as the run log names it; by default one of its own.

    Returns:
        The published file.

    Raises:
        PublishError: The gate has not passed this very build, or the warehouse cannot be read.
    """
    passed = _passed(paths, _left_in_place(paths))
    folder = paths.published.parent
    folder.mkdir(parents=True, exist_ok=True)
    for leftover in folder.glob(f".{paths.published.stem}-*"):
        leftover.unlink()
    fresh = folder / f".{paths.published.stem}-{uuid.uuid4().hex}.duckdb"
    try:
        _fill(fresh, paths, checked_results=passed, run_id=run_id or uuid.uuid4().hex)
        fresh.chmod(_READ_ONLY)
        _to_disk(fresh)
        os.replace(fresh, paths.published)
    except duckdb.Error as error:
        raise PublishError(f"The copy of {paths.warehouse} failed: {error}. {_left_in_place(paths)}") from error
    finally:
        fresh.unlink(missing_ok=True)
    _to_disk(folder)
    return paths.published


def publish_on_spark(paths: Paths, run_id: str | None = None) -> None:
    """Copy core, marts and reference data into a schema of their own and switch the views of `published` to it.

    Args:
        paths: Where Spark's tables and the gates' results are.
        run_id: Run that publishes, as the run log names it; by default one of its own.

    Raises:
        PublishError: The gate has not passed this very build, or Spark failed.
    """
    manifest = {
        "run_id": run_id or uuid.uuid4().hex,
        "version": __version__,
        "code_commit": _commit() or "",
        "checked_results": _passed(paths, "The views of published stay as they are."),
    }
    if not run_operation("switch_published_views", manifest, engine=SPARK):
        raise PublishError("Spark could not publish; it has said why above. Run `profit publish --target spark` again.")
    click.echo(f"Published: the views of schema published, run {manifest['run_id']}")


def _passed(paths: Paths, otherwise: str) -> str:
    """Name of the results of the check that this very build passed."""
    passed = read_pass(paths)
    if passed is None:
        raise PublishError(
            f"{paths.warehouse} has not passed the gate since it was built; run `profit check marts`, or `profit run` "
            f"for all steps. {otherwise}"
        )
    return passed


def _left_in_place(paths: Paths) -> str:
    if paths.published.exists():
        return f"{paths.published} stays as it is."
    return "Nothing was published."


def _fill(fresh: Path, paths: Paths, checked_results: str, run_id: str) -> None:
    """Copy tables and views with their descriptions, and write the manifest, in one transaction."""
    with duckdb.connect(str(fresh)) as published:
        if paths.warehouse.stat().st_size < _SMALL:
            # Threads would wait for one another longer than they work.
            published.execute("set threads = 1")
        # Under its own name, which its views have before what they read.
        warehouse = paths.warehouse.stem
        published.execute(f"attach {quote_text(str(paths.warehouse))} as {quote_name(warehouse)} (read_only)")
        relations = published.execute(_RELATIONS, [warehouse, list(SCHEMAS)]).fetchall()
        if not any(schema == "marts" for schema, _, _, _ in relations):
            raise PublishError(f"{paths.warehouse} holds no marts; run `profit build`. {_left_in_place(paths)}")
        published.execute("begin")
        published.execute(_manifest_tables())
        for schema in SCHEMAS:
            published.execute(f"create schema {quote_name(schema)}")
        for schema, name, definition, comment in relations:
            kind = _copy(published, _qualified(schema, name), definition, warehouse)
            if comment:
                published.execute(f"comment on {kind} {_qualified(schema, name)} is {quote_text(comment)}")
        published.execute(_counts(relations))
        published.execute(_column_comments(published, warehouse))
        published.execute(f"insert into manifest_deliveries from {quote_name(warehouse)}.landing.deliveries")
        now = dt.datetime.now(dt.UTC).replace(tzinfo=None)
        published.execute(
            "insert into manifest values (?, ?, ?, ?, ?, ?)",
            [run_id, now, checked_results, __version__, _commit(), duckdb.__version__],
        )
        published.execute("commit")
        published.execute(f"detach {quote_name(warehouse)}")
        published.execute("checkpoint")


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


def _counts(relations: Sequence[tuple[str, str, str | None, str | None]]) -> str:
    """Insert of how many rows each relation has, in one statement."""
    counts = " union all ".join(
        f"select {quote_text(schema)}, {quote_text(name)}, count(*) from {_qualified(schema, name)}"
        for schema, name, _, _ in relations
    )
    return f"insert into manifest_tables {counts}"


def _column_comments(published: duckdb.DuckDBPyConnection, warehouse: str) -> str:
    """Statements that give every published column its description."""
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
    )


def _manifest_tables() -> str:
    return """
        create table manifest (
            run_id varchar, published_at timestamp, checked_results varchar, version varchar, code_commit varchar,
            engine_version varchar
        );
        create table manifest_deliveries (
            feed varchar, source_system varchar, delivered_on date, checksum varchar, rows_read bigint,
            rows_landed bigint, rows_quarantined bigint
        );
        create table manifest_tables (schema_name varchar, table_name varchar, row_count bigint);
    """


def _commit() -> str | None:
    """Commit of the code that published, with a mark where the tree was changed; None where git cannot say."""
    command = ["git", "-C", str(PROJECT_ROOT), "describe", "--always", "--dirty", "--abbrev=40"]
    try:
        described = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    except FileNotFoundError:
        return None
    return described.stdout.strip() or None


def _to_disk(path: Path) -> None:
    """Have the system write a file, or the entries of a folder, to the disk before going on."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def print_published(paths: Paths) -> None:
    """Print where the published file is and what it holds.

    Args:
        paths: Where the published file is.
    """
    with duckdb.connect(str(paths.published), read_only=True) as published:
        row = published.execute("select count(*), sum(row_count) from manifest_tables").fetchone()
    tables, rows = row or (0, 0)
    click.echo(f"Published: {paths.published}, {tables} tables with {rows:,} rows, read-only")

"""Writes published tables into a folder: whole, or not at all."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import click
import duckdb

from profit.errors import ProfitError, expected, printable
from profit.exporting.description import PACKAGE_FILE, is_ours, package
from profit.exporting.tables import Table, published_tables
from profit.exporting.workbooks import write_workbook
from profit.exporting.written import Exported
from profit.landing.quoting import quote_name, quote_text
from profit.leftovers import clear_after_exports, export_folder_name, own_folder
from profit.opening import open_published
from profit.paths import Paths

FORMATS = ("parquet", "csv", "xlsx")
ROWS_PER_PART = 1_000_000
# A sheet ends after 1,048,576 rows, its head included.
_SHEET = 1_048_575
# What programs for tables take for the beginning of a formula (OWASP, CSV injection).
_FORMULA = r"^[=+\-@\t\r\n]"


def export_tables(
    paths: Paths,
    folder: Path,
    kind: str,
    *,
    tables: Sequence[str] = (),
    rows_per_part: int = ROWS_PER_PART,
) -> list[Exported]:
    """Copy published tables into a folder, with a description of every column beside them.

    The folder appears whole when everything is written. A folder that an earlier export has written is replaced; any
    other that is not empty is left alone.

    Args:
        paths: Where the published file is.
        folder: Folder to write.
        kind: One of FORMATS.
        tables: Names of tables, with or without schema; none of them for all.
        rows_per_part: Rows after which a table goes on in a further file.

    Raises:
        ProfitError: There is nothing published, a table is unknown, the folder holds something else, or it cannot be
            written.
    """
    left = f"Nothing was exported to {printable(folder)}."
    with expected(ProfitError, left):
        folder = Path(os.path.abspath(folder))
        _refuse_what_is_not_ours(folder)
        folder.parent.mkdir(parents=True, exist_ok=True)
        clear_after_exports(folder)
        with (
            open_published(paths.published) as published,
            own_folder(folder.parent / export_folder_name(folder)) as workspace,
        ):
            fresh = workspace / "export"
            fresh.mkdir()
            chosen = published_tables(published, tables)
            written = []
            for number, table in enumerate(chosen, 1):
                written.append(_write(published, table, fresh, kind, rows_per_part))
                click.echo(f"  {number} of {len(chosen)}: {written[-1]}")
            description = package(published, written, kind)
            (fresh / PACKAGE_FILE).write_text(json.dumps(description, indent=1, ensure_ascii=False), encoding="utf-8")
            _put_in_place(fresh, folder, workspace / "before")
    return written


def _put_in_place(fresh: Path, folder: Path, before: Path) -> None:
    if not folder.exists():
        os.rename(fresh, folder)
        return
    os.rename(folder, before)
    try:
        os.rename(fresh, folder)
    except OSError:
        os.rename(before, folder)
        raise


def _refuse_what_is_not_ours(folder: Path) -> None:
    if not folder.exists() and not folder.is_symlink():
        return
    if folder.is_symlink() or not folder.is_dir():
        raise ProfitError(f"{printable(folder)} is no folder; choose another. Nothing was exported.")
    if any(folder.iterdir()) and not is_ours(folder):
        raise ProfitError(
            f"{printable(folder)} is not empty and was not written by an export; choose another, or empty it. Nothing "
            f"was exported."
        )


def _write(published: duckdb.DuckDBPyConnection, table: Table, folder: Path, kind: str, rows_per_part: int) -> Exported:
    """Write a table in as many parts as it needs, in its own order."""
    counted = published.execute(f"select count(*) from {table.relation}").fetchone()
    written = Exported(table, counted[0] if counted else 0)
    size = min(rows_per_part, _SHEET) if kind == "xlsx" else rows_per_part
    parts = max(1, -(-written.rows // size))
    (folder / table.schema).mkdir(exist_ok=True)
    for part, query in enumerate(_parts(published, table, size, parts), 1):
        suffix = f".part-{part:03d}" if parts > 1 else ""
        file = folder / table.schema / f"{table.name}{suffix}.{kind}"
        written.as_text += _WRITERS[kind](published, table, query, file)
        written.files.append(file.relative_to(folder).as_posix())
    return written


def _parts(published: duckdb.DuckDBPyConnection, table: Table, size: int, parts: int) -> Iterator[str]:
    """Queries of the parts; rows of a table are taken by their place in the file, so that no part needs a sort."""
    if parts == 1:
        yield f"select * from {table.relation}"
        return
    relation = table.relation
    is_view = published.execute(
        "select count(*) from duckdb_views() where schema_name = $1 and view_name = $2", [table.schema, table.name]
    ).fetchone()
    if is_view and is_view[0]:
        # A view has no places, and two readings of it need not agree in their order.
        relation = "temp.main.profit_export"
        published.execute(f"create or replace temp table profit_export as select * from {table.relation}")
    for part in range(parts):
        yield f"select * from {relation} where rowid >= {part * size} and rowid < {(part + 1) * size} order by rowid"


def _write_parquet(published: duckdb.DuckDBPyConnection, table: Table, query: str, file: Path) -> int:
    described = json.dumps({column.name: column.description for column in table.columns}, ensure_ascii=False)
    metadata = f"{{description: {quote_text(table.description)}, column_descriptions: {quote_text(described)}}}"
    published.execute(
        f"copy ({query}) to {quote_text(str(file))} (format parquet, compression zstd, kv_metadata {metadata})"
    )
    return 0


def csv_of_query(connection: duckdb.DuckDBPyConnection, query: str, values: Sequence[object], file: Path) -> None:
    """Write what a query finds as CSV; texts that a program could take for formulas get an apostrophe before them.

    Args:
        connection: Where it is asked.
        query: The query.
        values: What stands for its parameters.
        file: File to write.
    """
    described = connection.execute(f"describe {query}", list(values)).fetchall()
    formula = quote_text(_FORMULA)
    columns = ", ".join(
        f"case when regexp_matches({quoted}, {formula}) then '''' || {quoted} else {quoted} end as {quoted}"
        if kind == "VARCHAR"
        else quoted
        for name, kind, *_ in described
        for quoted in [quote_name(name)]
    )
    connection.execute(
        f"copy (select {columns} from ({query}) as part) to {quote_text(str(file))} "
        f"(format csv, header true, timestampformat '%Y-%m-%dT%H:%M:%S.%fZ', dateformat '%Y-%m-%d')",
        list(values),
    )


def _write_csv(published: duckdb.DuckDBPyConnection, table: Table, query: str, file: Path) -> int:
    csv_of_query(published, query, (), file)
    return 0


_WRITERS: dict[str, Callable[[duckdb.DuckDBPyConnection, Table, str, Path], int]] = {
    "parquet": _write_parquet,
    "csv": _write_csv,
    "xlsx": write_workbook,
}

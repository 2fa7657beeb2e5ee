"""What the published file holds, as an export sees it."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from profit.errors import ProfitError, printable
from profit.landing.quoting import quote_name

# The manifest stands in the schema of its own, main.
SCHEMAS = ("core", "marts", "reference", "main")


@dataclass(frozen=True)
class Column:
    """A column of a published table.

    Attributes:
        name: Its name.
        data_type: Its type, as DuckDB writes it.
        description: What it means; empty where nothing says so.
    """

    name: str
    data_type: str
    description: str

    @property
    def is_text(self) -> bool:
        """Whether a program for tables may take a value for a formula."""
        return self.data_type == "VARCHAR"

    @property
    def scale(self) -> int | None:
        """Decimals of an exact number; None for anything else."""
        if not self.data_type.startswith("DECIMAL("):
            return None
        return int(self.data_type.rstrip(")").split(",")[1])


@dataclass(frozen=True)
class Table:
    """A published table or view.

    Attributes:
        schema: Its schema.
        name: Its name.
        description: What a row is.
        columns: Its columns, in their order.
    """

    schema: str
    name: str
    description: str
    columns: tuple[Column, ...]

    @property
    def relation(self) -> str:
        """Its name for SQL."""
        return f"{quote_name(self.schema)}.{quote_name(self.name)}"

    def __str__(self) -> str:
        return f"{self.schema}.{self.name}"


def published_tables(published: duckdb.DuckDBPyConnection, wanted: Sequence[str] = ()) -> list[Table]:
    """Tables to export, by schema and name.

    Args:
        published: The published file.
        wanted: Names with or without schema; none of them for every table.

    Raises:
        ProfitError: A name is no table of the file, or stands in several schemas.
    """
    described = {
        (schema, name): comment or ""
        for schema, name, comment in published.execute(
            """
            select schema_name, table_name, comment from duckdb_tables()
            union all
            select schema_name, view_name, comment from duckdb_views() where not internal
            """
        ).fetchall()
    }
    columns: dict[tuple[str, str], list[Column]] = {}
    for schema, table, name, data_type, comment in published.execute(
        "select schema_name, table_name, column_name, data_type, comment from duckdb_columns() where not internal "
        "order by schema_name, table_name, column_index"
    ).fetchall():
        columns.setdefault((schema, table), []).append(Column(name, data_type, comment or ""))
    tables = [
        Table(schema, name, described[schema, name], tuple(columns[schema, name]))
        for schema in SCHEMAS
        for name in sorted(name for its_schema, name in described if its_schema == schema)
    ]
    if not wanted:
        return tables
    return list(dict.fromkeys(_found(tables, name) for name in wanted))


def _found(tables: Sequence[Table], wanted: str) -> Table:
    found = [table for table in tables if wanted.lower() in (str(table), table.name)]
    if len(found) == 1:
        return found[0]
    if found:
        several = " and ".join(map(str, found))
        raise ProfitError(f"{printable(wanted)} stands in several schemas: {several}. Name one of them.")
    names = [*map(str, tables), *(table.name for table in tables)]
    near = difflib.get_close_matches(wanted.lower(), names, n=3)
    advice = f"Did you mean {' or '.join(near)}?" if near else "`profit export` without --table exports all of them."
    raise ProfitError(f"The published file has no table {printable(wanted)}. {advice} Nothing was exported.")

"""The columns of a Parquet file as the file names them: DuckDB renames some and misreads others without a word."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import click
import duckdb

from profit.connectors.files.csv_header import unreadable
from profit.connectors.files.layout import TableFile
from profit.errors import printable
from profit.landing.quoting import quote_name, quote_path

# DuckDB makes a double of what is longer, and a wrong one.
_LONGEST_DECIMAL = 38
# A float of 16 bits holds three digits: 19.99 is 19.984375 in it.
_HALF = "Float16"
_NANOSECONDS = re.compile("INT96|isAdjustedToUTC=1.*NANOS=NanoSeconds")
_NOT_UTF8 = "Invalid string encoding"


@dataclass(frozen=True)
class _Element:
    name: str
    children: int
    precision: int
    kind: str


def column_names(connection: duckdb.DuckDBPyConnection, table: TableFile) -> list[str]:
    """Names of the columns as they are written, lower case; DuckDB gives the second of one name another one.

    Args:
        connection: Any connection.
        table: Parquet file.

    Raises:
        LandingError: A column is of a type that cannot be read as it is.
    """
    path = table.path
    rows = connection.execute(
        f"select name, coalesce(num_children, 0), coalesce(precision, 0), concat_ws(' ', type, logical_type) "
        f"from parquet_schema({quote_path(path)})"
    ).fetchall()
    elements = [
        _Element(str(name), int(children), int(precision), str(kind)) for name, children, precision, kind in rows
    ]
    names: list[str] = []
    at = 1
    for _ in range(elements[0].children if elements else 0):
        top, open_elements = elements[at], 1
        names.append(top.name.strip().lower())
        _check_precise(table, names[-1], top.kind)
        # A column with parts is followed by all of them.
        while open_elements:
            element = elements[at]
            if element.precision > _LONGEST_DECIMAL:
                raise unreadable(
                    path,
                    f"column {printable(top.name, 100)} is a decimal of {element.precision} digits; deliver one of "
                    f"{_LONGEST_DECIMAL} at most, or text",
                )
            open_elements += element.children - 1
            at += 1
    return names


def _check_precise(table: TableFile, name: str, kind: str) -> None:
    """Check that a column holds the digits that its values need, and say where it has some that are not kept."""
    column = table.feed.columns.get(name)
    if column is not None and _HALF in kind and column.data_type != "double":
        raise unreadable(
            table.path,
            f"column {name} is a float of 16 bits, which holds three digits; deliver decimals, doubles or text",
        )
    # DuckDB has no moments in nanoseconds that bear a zone, so that nobody can count those that lose something.
    is_moment = column.data_type in {"date", "timestamp"} if column else name.startswith("x_")
    if is_moment and _NANOSECONDS.search(kind):
        click.echo(
            f"{printable(table.path)}: column {printable(name)} is written in nanoseconds; what is below a microsecond "
            f"is left off."
        )


def no_text_in(connection: duckdb.DuckDBPyConnection, path: Path, error: duckdb.Error) -> str | None:
    """Find the column that holds no UTF-8 text, where that is why a file cannot be read.

    Args:
        connection: Any connection.
        path: Parquet file.
        error: What reading it has raised; it would show what somebody's value is.

    Returns:
        Name of the column; None where something else is wrong.
    """
    if _NOT_UTF8 not in str(error):
        return None
    reader = f"read_parquet({quote_path(path)}, hive_partitioning = false, binary_as_string = true)"
    for name, *_ in connection.execute(f"describe (select * from {reader})").fetchall():
        try:
            connection.execute(f"select max({quote_name(str(name))}) from {reader}").fetchall()
        except duckdb.Error:
            return str(name)
    return None

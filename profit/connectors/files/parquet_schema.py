"""The columns of a Parquet file as the file names them: DuckDB renames some and misreads others without a word."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

from profit.connectors.files.csv_header import unreadable
from profit.errors import printable
from profit.landing.quoting import quote_name, quote_path

# DuckDB makes a double of what is longer, and a wrong one.
_LONGEST_DECIMAL = 38
_NOT_UTF8 = "Invalid string encoding"


@dataclass(frozen=True)
class _Element:
    name: str
    children: int
    precision: int


def column_names(connection: duckdb.DuckDBPyConnection, path: Path) -> list[str]:
    """Names of the columns as they are written, lower case; DuckDB gives the second of one name another one.

    Args:
        connection: Any connection.
        path: Parquet file.

    Raises:
        LandingError: A column is of a type that cannot be read as it is.
    """
    rows = connection.execute(
        f"select name, coalesce(num_children, 0), coalesce(precision, 0) from parquet_schema({quote_path(path)})"
    ).fetchall()
    elements = [_Element(str(name), int(children), int(precision)) for name, children, precision in rows]
    names: list[str] = []
    at = 1
    for _ in range(elements[0].children if elements else 0):
        top, open_elements = elements[at], 1
        names.append(top.name.strip().lower())
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

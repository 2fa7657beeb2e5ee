"""The published file as pages read it: opened once, opened anew when a publish has put another in its place."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import streamlit as st

from profit.errors import ProfitError, explained, printable
from profit.exporting import csv_of_query
from profit.exporting.tables import Column, Table, published_tables
from profit.landing.quoting import quote_text
from profit.paths import Paths

Value = str | int | float | None
Values = Sequence[Any]


@dataclass(frozen=True)
class State:
    """Which file it is; another file of the same name has another state.

    Attributes:
        path: Its place.
        inode: Number of the file in its file system.
        changed_ns: When it was last written, in nanoseconds.
    """

    path: str
    inode: int
    changed_ns: int


class Published:
    """A published file that is open.

    Each is attached to a database of its own in memory: two connections of one process to files of one name would see
    the first file for as long as either is open.

    Args:
        state: Which file.
    """

    def __init__(self, state: State) -> None:
        self.state = state
        self._connection = duckdb.connect()
        self._connection.execute(f"attach {quote_text(state.path)} as published (read_only)")
        # Times of the manifest are in UTC and stay so.
        self._connection.execute("set timezone = 'UTC'")
        self._connection.execute("use published")
        self.tables: dict[str, Table] = {str(table): table for table in published_tables(self._connection)}
        row = self._connection.execute("select run_id, published_at, version, is_partial from manifest").fetchone()
        if row is None:
            raise ProfitError(f"{printable(state.path)} says of no run; `profit run` publishes it anew.")
        self.run_id, self.published_at, self.version, self.is_partial = row

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """A connection of one's own, for one query."""
        cursor = self._connection.cursor()
        cursor.execute("use published")
        return cursor

    def column(self, table: str, name: str) -> Column | None:
        """A column with its meaning.

        Args:
            table: Schema and name of its table.
            name: Its name.
        """
        found = self.tables.get(table)
        return next((column for column in found.columns if column.name == name), None) if found else None


def state_now() -> State:
    """Which file is published now.

    Raises:
        ProfitError: Nothing is published.
    """
    path = Paths.from_environment().published
    try:
        found = os.stat(path)
    except OSError as error:
        raise ProfitError(f"Nothing is published at {printable(path)}; `profit run` does it.") from error
    return State(str(path), found.st_ino, found.st_mtime_ns)


@st.cache_resource(max_entries=2, show_spinner=False)
def opened(state: State) -> Published:
    """A published file, opened once.

    Args:
        state: Which file.

    Raises:
        ProfitError: It cannot be read.
    """
    try:
        return Published(state)
    except duckdb.Error as error:
        raise ProfitError(
            f"{printable(state.path)} cannot be read: {explained(error)}. `profit run` publishes it anew."
        ) from error


def published() -> Published:
    """The file that is published now, open.

    Raises:
        ProfitError: Nothing is published, or it cannot be read.
    """
    found: Published = opened(state_now())
    return found


def rows(sql: str, values: Values = ()) -> pd.DataFrame:
    """Rows of a query, remembered until another file is published.

    Args:
        sql: One statement that reads.
        values: What stands for its `?`.
    """
    return _rows(published().state, sql, tuple(values))


@st.cache_data(max_entries=500, show_spinner=False)
def _rows(state: State, sql: str, values: tuple[Any, ...]) -> pd.DataFrame:
    with opened(state).cursor() as cursor:
        return cursor.execute(sql, list(values)).df()


def row(sql: str, values: Values = ()) -> dict[str, Any]:
    """The first row of a query by its columns; every value is None where there is none.

    Args:
        sql: One statement that reads.
        values: What stands for its `?`.
    """
    found = rows(sql, values)
    if found.empty:
        return dict.fromkeys(found.columns)
    return {name: None if pd.isna(value) else value for name, value in found.iloc[0].items()}


def csv_of(sql: str, values: Values = ()) -> bytes:
    """All rows of a query as a file: exact decimals, formulas escaped as in exports.

    Args:
        sql: One statement that reads.
        values: What stands for its `?`.
    """
    with tempfile.TemporaryDirectory() as folder, published().cursor() as cursor:
        file = Path(folder) / "rows.csv"
        csv_of_query(cursor, sql, list(values), file)
        return file.read_bytes()


def has(table: str) -> bool:
    """Whether the published file has a table.

    Args:
        table: Schema and name.
    """
    return table in published().tables


def needs(table: str, otherwise: str) -> bool:
    """Whether a table is there and has rows; says on the page what is missing where it is not.

    Args:
        table: Schema and name.
        otherwise: What its rows are made of, for the message.
    """
    if not has(table):
        st.info(f"The published file holds no `{table}`. {otherwise}")
        return False
    if rows(f"select 1 as found from {table} limit 1").empty:
        st.info(f"`{table}` is empty. {otherwise}")
        return False
    return True

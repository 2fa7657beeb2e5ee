"""What a part of the digest is: a table of one query, and how its columns are shown."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

# How a column is shown.
MONEY, NUMBER, SHARE, VALUE, TEXT, STATUS, BAR = "money", "number", "share", "value", "text", "status", "bar"
# Rows of a list that the page shows; how many more there are stands below it.
_SHOWN = 20


@dataclass(frozen=True)
class Column:
    """A column of a table of the page.

    Attributes:
        title: Its head.
        kind: How its values are shown: money, number, share, value (by the unit, which is last in the row), text,
            status, or bar (a value drawn beside its number).
    """

    title: str
    kind: str = TEXT


@dataclass(frozen=True)
class Section:
    """A part of the page.

    Attributes:
        title: Its head.
        question: What it answers, in a sentence.
        source: Tables that it reads.
        columns: Columns of its table.
        rows: Rows of its table.
        strong: Places of the rows that are sums.
        more: Rows that there are besides.
    """

    title: str
    question: str
    source: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Any, ...], ...]
    strong: tuple[int, ...] = ()
    more: int = 0


Reader = Callable[[duckdb.DuckDBPyConnection, dt.date], Section | str]


def part(
    question: str, source: str, columns: Sequence[Column], query: str, otherwise: str, *, sums: bool = False
) -> Callable[[str], Reader]:
    """A part that is one query with $month; what follows its columns is not shown: with `sums`, which rows are sums."""

    def of(title: str) -> Reader:
        def read(published: duckdb.DuckDBPyConnection, month: dt.date) -> Section | str:
            rows = published.execute(query, {"month": month} if "$month" in query else {}).fetchall()
            if not rows:
                return otherwise
            strong = tuple(place for place, row in enumerate(rows) if sums and row[-1])
            shown = rows if sums else rows[:_SHOWN]
            return Section(title, question, source, tuple(columns), tuple(shown), strong, len(rows) - len(shown))

        return read

    return of

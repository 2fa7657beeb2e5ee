"""Reads the published file for the digest of a month."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import duckdb

from profit.digest.section import Reader, Section
from profit.digest.sections import SECTIONS
from profit.errors import ProfitError, explained, printable
from profit.knowing import read_knowledge
from profit.opening import open_published
from profit.paths import Paths


@dataclass(frozen=True)
class Digest:
    """What the page of a month shows.

    Attributes:
        month: First day of the month.
        is_complete: Whether everything up to its end had been delivered.
        run_id: Run that published the file.
        built_from: Day of the newest delivery.
        sections: Parts of the page, in their order.
        unknown: What the file does not know, a sentence each.
        missing: Titles of parts for which the file holds nothing, with the reason.
    """

    month: dt.date
    is_complete: bool
    run_id: str
    built_from: dt.date | None
    sections: tuple[Section, ...]
    unknown: tuple[str, ...]
    missing: tuple[tuple[str, str], ...]


def read_digest(paths: Paths, month: dt.date | None = None) -> Digest:
    """Read what the page of a month shows.

    Args:
        paths: Where the published file is.
        month: Any day of the month; the last complete one where it is None.

    Raises:
        ProfitError: Nothing is published, the file cannot be read, or it holds nothing of that month.
    """
    with open_published(paths.published) as published:
        first, newest, complete = _months(published)
        if first is None or newest is None:
            raise ProfitError(f"{printable(paths.published)} holds no month in which anything was sold or posted.")
        day = (month or complete or newest).replace(day=1)
        if not first <= day <= newest:
            raise ProfitError(f"There is nothing of {day:%Y-%m}: the months are {first:%Y-%m} to {newest:%Y-%m}.")
        tables = {
            f"{schema}.{name}"
            for schema, name in published.execute(
                "select schema_name, table_name from duckdb_tables() "
                "union all select schema_name, view_name from duckdb_views()"
            ).fetchall()
        }
        sections: list[Section] = []
        missing: list[tuple[str, str]] = []
        for title, needed, read in SECTIONS:
            if absent := sorted(set(needed) - tables):
                missing.append((title, f"the published file lacks {' and '.join(absent)}"))
                continue
            found = _read(read, published, day)
            if isinstance(found, str):
                missing.append((title, found))
            else:
                sections.append(found)
        ((run_id,),) = published.execute("select run_id from manifest").fetchall()
        ((delivered,),) = published.execute("select max(delivered_on) from manifest_deliveries").fetchall()
        return Digest(
            month=day,
            is_complete=complete is not None and day <= complete,
            run_id=run_id,
            built_from=delivered,
            sections=tuple(sections),
            unknown=tuple(read_knowledge(published).gaps()),
            missing=tuple(missing),
        )


def _months(published: duckdb.DuckDBPyConnection) -> tuple[Any, ...]:
    """First and last month of the waterfall, and the last that is complete."""
    try:
        row = published.execute(
            """
            select
                min(month), max(month), (select max(month) from marts.segment_kpis where is_complete_month)
            from marts.profitability_reconciliation
            where line_kind <> 'difference'
                and (customers_amount <> 0 or unattributed_amount <> 0 or ledger_amount <> 0)
            """
        ).fetchone()
    except duckdb.CatalogException as error:
        raise ProfitError(f"The published file lacks what a digest is made of: {explained(error)}.") from error
    return row or (None, None, None)


def _read(read: Reader, published: duckdb.DuckDBPyConnection, month: dt.date) -> Section | str:
    try:
        return read(published, month)
    except duckdb.BinderException as error:
        raise ProfitError(
            f"The published file was made by another version of the project ({explained(error)}); `profit run` "
            f"publishes it anew."
        ) from error

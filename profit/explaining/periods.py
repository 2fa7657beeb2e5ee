"""Periods as people write them: a year, a quarter or a month; years and quarters are the fiscal ones."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

import duckdb

from profit.errors import ProfitError

_MONTHS_OF_A_QUARTER = 3
_MONTHS_OF_A_YEAR = 12
_PATTERN = re.compile(r"(FY)?(?P<year>\d{4})(-(Q(?P<quarter>[1-4])|(?P<month>0[1-9]|1[0-2])))?")


@dataclass(frozen=True)
class Period:
    """Months from first to last, both included.

    Attributes:
        name: As it was written.
        first: First day of its first month.
        last: First day of its last month.
    """

    name: str
    first: dt.date
    last: dt.date


def read_period(text: str, year_starts_month: int = 1) -> Period:
    """Read a period.

    Args:
        text: A fiscal year (2025 or FY2025), named by the calendar year in which it ends, a quarter of it (2025-Q3 or
            FY2025-Q3), or a month of the calendar (2025-07).
        year_starts_month: First month of the fiscal year, 1 to 12.

    Raises:
        ProfitError: It is none of these.
    """
    written = text.strip().upper()
    found = _PATTERN.fullmatch(written)
    if found is None or int(found["year"]) == 0 or (found["month"] and written.startswith("FY")):
        raise ProfitError(f"'{text}' is no period; write a year (2025), a quarter (2025-Q3) or a month (2025-07).")
    year = int(found["year"])
    if found["month"]:
        month = dt.date(year, int(found["month"]), 1)
        return Period(written, month, month)
    before = 0 if year_starts_month == 1 else _MONTHS_OF_A_YEAR
    start, count = year * _MONTHS_OF_A_YEAR + year_starts_month - 1 - before, _MONTHS_OF_A_YEAR
    if found["quarter"]:
        start, count = start + (int(found["quarter"]) - 1) * _MONTHS_OF_A_QUARTER, _MONTHS_OF_A_QUARTER
    return Period(written, _month(start), _month(start + count - 1))


def fiscal_start(warehouse: duckdb.DuckDBPyConnection) -> int:
    """First month of the fiscal year that a warehouse was built with, 1 to 12; 1 where its calendar does not say.

    Args:
        warehouse: An open warehouse.
    """
    try:
        row = warehouse.execute("select month(min(fiscal_year_starts_on)) from core.dim_date").fetchone()
    except (duckdb.BinderException, duckdb.CatalogException):
        return 1
    return int(row[0]) if row and row[0] else 1


def _month(number: int) -> dt.date:
    """The first day of a month that is counted from the year 0."""
    return dt.date(max(number // _MONTHS_OF_A_YEAR, 1), number % _MONTHS_OF_A_YEAR + 1, 1)

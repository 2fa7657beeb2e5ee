"""Periods as people write them: a year, a quarter or a month."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from profit.errors import ProfitError

_MONTHS_OF_A_QUARTER = 3
_MONTHS_OF_A_YEAR = 12
_PATTERN = re.compile(r"(?P<year>\d{4})(-(Q(?P<quarter>[1-4])|(?P<month>0[1-9]|1[0-2])))?")


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


def read_period(text: str) -> Period:
    """Read a period.

    Args:
        text: A year (2025), a quarter (2025-Q3) or a month (2025-07).

    Raises:
        ProfitError: It is none of these.
    """
    found = _PATTERN.fullmatch(text.strip().upper())
    if found is None or int(found["year"]) == 0:
        raise ProfitError(f"'{text}' is no period; write a year (2025), a quarter (2025-Q3) or a month (2025-07).")
    year = int(found["year"])
    if found["month"]:
        first, count = int(found["month"]), 1
    elif found["quarter"]:
        first, count = (int(found["quarter"]) - 1) * _MONTHS_OF_A_QUARTER + 1, _MONTHS_OF_A_QUARTER
    else:
        first, count = 1, _MONTHS_OF_A_YEAR
    return Period(found[0], dt.date(year, first, 1), dt.date(year, first + count - 1, 1))

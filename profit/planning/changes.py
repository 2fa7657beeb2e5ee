"""Changes of a scenario: rows of the rule files, or words of the command line."""

from __future__ import annotations

import csv
import math
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path

from profit.errors import ProfitError, SettingError, printable
from profit.paths import PROJECT_ROOT

# What divides the cells of the base where a change names it, which therefore have to be made again.
DIVIDING = ("customers", "territory_id", "industry", "sales_rep_id", "product_group")
FILTERS = ("cohort_kind", "segment_id", "channel_id", "media_source", "pool_id", "activity_id", *DIVIDING)
LEVERS = (
    "price",
    "volume",
    "discount_rate",
    "unit_cost",
    "activity_time",
    "capacity",
    "resource_price",
    "retention",
    "new_customers",
    "media_spend",
    "order_channel_mix",
    "customer_terms",
    "drop_segment",
)
OPERATIONS = {"*": "multiply", "+": "add", "-": "add", "=": "set"}
_MONTH = r"(?:19|20|21)\d{2}-(?:0[1-9]|1[0-2])"
_FORM = re.compile(
    r"(?P<lever>[a-z_]+)\s*(?P<operation>multiply|add|set|[*+=-])\s*(?P<value>[+-]?\d+(?:\.\d+)?)(?P<percent>\s*%)?"
    r"(?:\s+to\s+(?P<to>[\w-]+))?(?:\s+where\s+(?P<where>.+?))?"
    rf"(?:\s+from\s+(?P<first>{_MONTH}))?(?:\s+until\s+(?P<last>{_MONTH}))?\s*"
)
# A comma outside of quotes.
_COMMA = re.compile(r',(?=(?:[^"]*"[^"]*")*[^"]*$)')
_HOW = (
    "Write LEVER *|+|-|= VALUE [to CHANNEL] [where FILTER=VALUE, …] [from YYYY-MM] [until YYYY-MM], "
    'such as "price * 1.03 where segment_id=champions from 2026-03".'
)


@dataclass(frozen=True)
class Change:
    """One change of a scenario, as plan_changes has it; an empty filter stands for all.

    Attributes:
        change_id: Its name.
        scenario_id: Scenario that makes it.
        lever: What is changed.
        operation: multiply, add or set.
        change_value: By how much, or to what.
        to_channel_id: Channel that orders move to.
        cohort_kind, segment_id, channel_id, media_source, customers, pool_id, activity_id: Filters.
        territory_id, industry, sales_rep_id, product_group: Filters.
        owner: Who answers for it.
        valid_from, valid_to: First and last day, yyyy-mm-dd.
    """

    change_id: str
    scenario_id: str
    lever: str
    operation: str
    change_value: str
    to_channel_id: str | None = None
    cohort_kind: str | None = None
    segment_id: str | None = None
    channel_id: str | None = None
    media_source: str | None = None
    customers: str | None = None
    pool_id: str | None = None
    activity_id: str | None = None
    territory_id: str | None = None
    industry: str | None = None
    sales_rep_id: str | None = None
    product_group: str | None = None
    owner: str = "command line"
    valid_from: str = "1980-01-01"
    valid_to: str | None = field(default=None)

    def row(self) -> list[str | None]:
        """Its values in the order of the columns of plan_changes."""
        return [getattr(self, column.name) for column in fields(self)]


def parsed(text: str, number: int, scenario_id: str) -> Change:
    """A change that was written on the command line.

    Args:
        text: `LEVER *|+|-|= VALUE [to CHANNEL] [where FILTER=VALUE, …] [from YYYY-MM] [until YYYY-MM]`; a value with %
            is a part of one: `price + 3 %` multiplies by 1.03.
        number: Its place among the changes, from 1 on.
        scenario_id: Scenario that it belongs to.

    Raises:
        ProfitError: The text is none, or names a lever or filter that is not there.
    """
    found = _FORM.fullmatch(text.strip())
    if not found:
        raise ProfitError(f"The change {printable(text)!r} cannot be read. {_HOW}")
    lever, sign, value = found["lever"], found["operation"], float(found["value"])
    if lever not in LEVERS:
        raise ProfitError(f"The change {printable(text)!r} names no lever. There are {', '.join(LEVERS)}.")
    if not math.isfinite(value):
        raise ProfitError(f"The change {printable(text)!r} has a value that is too large to be reckoned with.")
    operation = OPERATIONS.get(sign, sign)
    value = -value if sign == "-" else value
    if found["percent"]:
        value, operation = (1 + value / 100, "multiply") if operation == "add" else (value / 100, operation)
    where = {}
    for part in _COMMA.split(found["where"] or ""):
        if not part.strip():
            continue
        name, _, member = (word.strip() for word in part.partition("="))
        member = member[1:-1].strip() if member[:1] == member[-1:] == '"' else member
        if name not in FILTERS or not member:
            raise ProfitError(
                f"The change {printable(text)!r} has the filter {printable(part.strip())!r}. "
                f"Filters are {', '.join(FILTERS)}, each with a value behind =."
            )
        if name in where:
            raise ProfitError(
                f"The change {printable(text)!r} has the filter {name} twice, which nothing meets. "
                f"Give a change for each, or customers=ID ID with a blank between them."
            )
        where[name] = member
    days = {key: f"{found[name]}-01" for key, name in (("valid_from", "first"), ("valid_to", "last")) if found[name]}
    return Change(str(number), scenario_id, lever, operation, repr(value), to_channel_id=found["to"], **where, **days)


def rules_folder() -> Path:
    """The folder of the planning rules: PROFIT_PLANNING_RULES, by default seeds/planning.

    Raises:
        SettingError: It is not there.
    """
    folder = PROJECT_ROOT / os.environ.get("PROFIT_PLANNING_RULES", "seeds/planning")
    if not folder.is_dir():
        raise SettingError(
            f"PROFIT_PLANNING_RULES: {printable(folder)} is no folder. Copy seeds/planning, or unset it."
        )
    return folder


def rows_of(name: str, columns: Sequence[str]) -> list[list[str | None]]:
    """Rows of a planning rule file in the order of the columns asked for; an empty value is None.

    Args:
        name: File without its ending.
        columns: Names of the columns.

    Raises:
        SettingError: The file is not there, or lacks a column.
    """
    path = rules_folder() / f"{name}.csv"
    if not path.is_file():
        raise SettingError(f"{printable(path)} is not there. Copy it from seeds/planning.")
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    if rows and (missing := [column for column in columns if column not in rows[0]]):
        raise SettingError(f"{printable(path)} has no column {', '.join(missing)}.")
    return [[(row[column] or "").strip() or None for column in columns] for row in rows]


def divides_cells(rows: Iterable[Sequence[str | None]]) -> bool:
    """Whether any of these rows of plan_changes names customers or a part of them, who then have cells of their own."""
    places = [place for place, column in enumerate(fields(Change)) if column.name in DIVIDING]
    return any(row[place] for row in rows for place in places)


CHANGE_COLUMNS = tuple(column.name for column in fields(Change))

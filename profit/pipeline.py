"""The open pipeline of any day, as it is known today or as it was known on another."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import click

from profit.errors import ProfitError
from profit.paths import Paths
from profit.reading import open_warehouse

# What the pipeline can be parted by, and the columns of the states that say it.
UNITS = {"territory": "territory_id", "sales_rep": "sales_rep_id", "stage": "stage"}
FORMATS = ("text", "json", "csv")
_COLUMNS = ("unit", "opportunities", "amount", "weighted_amount", "overdue_amount", "average_days_in_stage")

# Open opportunities at the end of a day, as deliveries up to another day knew them.
OPEN_STATES = """
    from core.fct_opportunity_states
    where stage_state = 'open'
        and valid_from <= $day and (valid_to is null or valid_to > $day)
        and known_from <= $known_by and (known_to is null or known_to > $known_by)
"""


@dataclass(frozen=True)
class Pipeline:
    """The open opportunities of a day, one line a unit and the sum.

    Attributes:
        on: Day at whose end they are looked at.
        known_by: Last day of deliveries that count.
        by: What the lines are, a key of UNITS.
        lines: Unit, number, amount and weighted amount in the reporting currency, amount that was to be decided before,
            mean days in the stage; by amount, largest first.
        total: The same of all.
    """

    on: dt.date
    known_by: dt.date
    by: str
    lines: list[tuple[Any, ...]]
    total: tuple[Any, ...]


def read_pipeline(paths: Paths, on: dt.date, by: str = "stage", known_by: dt.date | None = None) -> Pipeline:
    """Look at the pipeline.

    Args:
        paths: Where the warehouse is.
        on: Day at whose end it is looked at.
        by: What it is parted by, a key of UNITS.
        known_by: Last day of deliveries that count; all of them where it is None.

    Raises:
        ProfitError: There is no warehouse, it has no opportunities, or nothing had been delivered by that day.
    """
    with open_warehouse(paths) as warehouse:
        first, last, happened = warehouse.execute(
            "select min(known_from), max(known_from), min(valid_from) from core.fct_opportunity_states"
        ).fetchall()[0]
        if first is None:
            raise ProfitError("No opportunity was delivered (feeds crm.opportunities and crm.opportunity_events).")
        if known_by is not None and known_by < first:
            raise ProfitError(f"Nothing was known by {known_by}: the first delivery of opportunities is of {first}.")
        if on < happened:
            raise ProfitError(f"There was no opportunity on {on}: the first is of {happened}.")
        until = known_by or last
        measures = f"""
            count(*), coalesce(sum(amount), 0), coalesce(sum(weighted_amount), 0),
            coalesce(sum(amount) filter (where expected_close_on < $day), 0),
            avg(date_diff('day', stage_since, $day)) {OPEN_STATES}
        """
        values = {"day": on, "known_by": until}
        lines = warehouse.execute(
            f"select {UNITS[by]}, {measures} group by 1 order by sum(amount) desc nulls last, 1", values
        ).fetchall()
        total = warehouse.execute(f"select 'all', {measures}", values).fetchall()[0]
    return Pipeline(on=on, known_by=until, by=by, lines=lines, total=total)


def formatted(pipeline: Pipeline, kind: str) -> str:
    """The pipeline as a text for people, as JSON or as CSV; amounts in the reporting currency.

    Args:
        pipeline: What to show.
        kind: One of FORMATS.
    """
    names = (pipeline.by, *_COLUMNS[1:])
    if kind == "csv":
        written = io.StringIO()
        csv.writer(written, lineterminator="\n").writerows([names, *pipeline.lines])
        return written.getvalue().rstrip("\n")
    if kind == "json":
        content = {
            "on": pipeline.on.isoformat(),
            "known_by": pipeline.known_by.isoformat(),
            "by": pipeline.by,
            "lines": [dict(zip(names, line, strict=True)) for line in pipeline.lines],
            "total": dict(zip(_COLUMNS[1:], pipeline.total[1:], strict=True)),
        }
        return json.dumps(content, indent=2, ensure_ascii=False, default=float)
    head = f"Open at the end of {pipeline.on}, by what was delivered up to {pipeline.known_by}"
    if pipeline.on > pipeline.known_by:
        head += f"\nWhat happened after {pipeline.known_by} is not known; ages and overdue amounts are of the later day"
    rows = [[_text(value) for value in line] for line in [*pipeline.lines, pipeline.total]]
    table = [[name.replace("_", " ") for name in names], *rows]
    widths = [max(len(row[place]) for row in table) for place in range(len(names))]
    texts = ["  ".join([row[0].ljust(widths[0]), *(_right(row, widths))]).rstrip() for row in table]
    return "\n".join([head, "", *texts])


def print_pipeline(pipeline: Pipeline, kind: str = "text") -> None:
    """Print the pipeline.

    Args:
        pipeline: What to print.
        kind: One of FORMATS.
    """
    click.echo(formatted(pipeline, kind))


def _right(row: list[str], widths: list[int]) -> list[str]:
    return [text.rjust(width) for text, width in zip(row[1:], widths[1:], strict=True)]


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value:,.2f}"
    return f"{value:,.1f}" if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else str(value)

"""Writes the digest as one HTML page that needs nothing else."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from profit.digest.reading import Digest
from profit.digest.section import BAR, MONEY, NUMBER, SHARE, STATUS, VALUE, Column, Section

_TEMPLATE = "page.html.j2"
_MINUS = "\N{MINUS SIGN}"
_WHOLE = 1_000


def render(digest: Digest) -> str:
    """The page.

    Args:
        digest: What it shows.

    Returns:
        HTML with its styles inside: no script, no address of anything else.
    """
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(_TEMPLATE).render(
        digest=digest,
        cell=_cell,
        is_right=_is_right,
        widest=_widest,
        link=lambda title: title.lower().replace(" ", "-"),
    )


def _is_right(column: Column) -> bool:
    return column.kind in {MONEY, NUMBER, SHARE, VALUE, BAR}


def _widest(section: Section) -> float:
    """Largest value that is drawn in a part; 1 where none is."""
    values = [
        abs(float(row[place]))
        for row in section.rows
        for place, column in enumerate(section.columns)
        if column.kind == BAR and row[place] is not None
    ]
    return max(values, default=1) or 1


def _cell(column: Column, row: Sequence[Any], place: int, widest: float) -> str:
    value = row[place]
    if value is None:
        return ""
    if column.kind == VALUE:
        return _KINDS[SHARE if row[-1] == "fraction" else NUMBER](value, widest)
    if column.kind not in _KINDS:
        return value.isoformat() if isinstance(value, dt.date) else str(value)
    return _KINDS[column.kind](value, widest)


def _bar(value: Any, widest: float) -> str:
    return Markup('<span class="bar"><i class="{}" style="width:{}%"></i></span>{}').format(
        "down" if value < 0 else "up", round(100 * abs(float(value)) / widest), _number(value, 0)
    )


def _number(value: int | float | Decimal, decimals: int) -> str:
    text = f"{abs(value):,.{decimals}f}"
    if decimals and "." in text:
        text = text.rstrip("0").rstrip(".")
    is_zero = not text.strip("0.,")
    return text if value >= 0 or is_zero else _MINUS + text


_KINDS: dict[str, Callable[[Any, float], str]] = {
    BAR: _bar,
    MONEY: lambda value, _: _number(value, 0),
    SHARE: lambda value, _: f"{_number(100 * float(value), 1)} %",
    NUMBER: lambda value, _: _number(value, 0 if isinstance(value, int) or abs(value) >= _WHOLE else 3),
    STATUS: lambda value, _: Markup('<span class="status {}">{}</span>').format(value, str(value).replace("_", " ")),
}

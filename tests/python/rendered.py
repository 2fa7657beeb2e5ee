"""Models and macros of the project rendered as plain SQL of DuckDB, to be run on small tables without a build.

A reference is the name of the model, so a table of that name stands for it.
"""

from __future__ import annotations

import re
from functools import cache
from types import SimpleNamespace
from typing import Any

import jinja2
import pytz

from profit.paths import PROJECT_ROOT


@cache
def _environment() -> tuple[jinja2.Environment, str]:
    """All macros of the project, as one text that goes before whatever is rendered."""
    # What is rendered is the project's own SQL, no page.
    environment = jinja2.Environment(autoescape=False, extensions=["jinja2.ext.do"])  # noqa: S701
    files = [path.read_text(encoding="utf-8") for path in sorted((PROJECT_ROOT / "macros").rglob("*.sql"))]
    # A materialization is a tag of dbt's own.
    macros = "".join(text for text in files if "{% materialization" not in text)
    environment.globals.update(
        ref=lambda name: name,
        config=lambda **_: "",
        var=lambda name: {"reporting_currency": "USD", "money_decimals": 2, "business_time_zone": "UTC"}[name],
        dbt=SimpleNamespace(
            type_string=lambda: "varchar",
            dateadd=lambda part, count, day: f"(cast({day} as date) + interval ({count}) {part})",
            concat=" || ".join,
        ),
        modules=SimpleNamespace(re=re, pytz=pytz),
    )
    # What a dispatched macro calls may be dispatched itself.
    environment.globals["adapter"] = SimpleNamespace(
        dispatch=lambda name: getattr(module, f"duckdb__{name}", None) or getattr(module, f"default__{name}")
    )
    module: Any = environment.from_string(macros).module
    return environment, macros


def render(text: str) -> str:
    """SQL of a text that calls macros."""
    environment, macros = _environment()
    return environment.from_string(macros + text).render()


@cache
def model(name: str) -> str:
    """SQL of a model."""
    (path,) = (PROJECT_ROOT / "models").rglob(f"{name}.sql")
    return render(path.read_text(encoding="utf-8"))

"""Models and macros of the project rendered as plain SQL of DuckDB, to be run on small tables without a build.

A reference is the name of the model, so a table of that name stands for it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import jinja2
import pytz
from jinja2.runtime import Macro

from profit.paths import PROJECT_ROOT


class _ReturnedError(Exception):
    """What a macro returns that is no text."""

    def __init__(self, value: object) -> None:
        super().__init__()
        self.value = value


class _Returning(Macro):
    """A macro in which `return` works as it does in dbt."""

    def _invoke(self, arguments: list[Any], autoescape: bool) -> Any:
        try:
            return super()._invoke(arguments, autoescape)
        except _ReturnedError as returned:
            return returned.value


def _return(value: object) -> None:
    raise _ReturnedError(value)


_VARIABLES = {
    "reporting_currency": "USD",
    "money_decimals": 2,
    "business_time_zone": "UTC",
    "fiscal_year_starts_month": 1,
}


# What a macro asks while it is rendered.
_ENGINE: Any = SimpleNamespace(run_query=None)


def _run_query(sql: str) -> Any:
    return _ENGINE.run_query(sql)


@cache
def _environment() -> jinja2.Environment:
    """All macros of the project, compiled once: names that whatever is rendered knows."""
    # What is rendered is the project's own SQL, no page.
    environment = jinja2.Environment(autoescape=False, extensions=["jinja2.ext.do"])  # noqa: S701
    files = [path.read_text(encoding="utf-8") for path in sorted((PROJECT_ROOT / "macros").rglob("*.sql"))]
    # A materialization is a tag of dbt's own.
    macros = "".join(text for text in files if "{% materialization" not in text)
    environment.globals.update(
        ref=lambda name: name,
        config=lambda **_: "",
        **{"return": _return},
        var=lambda name: _VARIABLES[name],
        dbt=SimpleNamespace(
            type_string=lambda: "varchar",
            dateadd=lambda part, count, day: f"(cast({day} as date) + interval ({count}) {part})",
            date_trunc=lambda part, day: f"date_trunc('{part}', {day})",
            concat=" || ".join,
            escape_single_quotes=lambda text: text.replace("'", "''"),
            string_literal=lambda text: f"'{text}'",
        ),
        modules=SimpleNamespace(re=re, pytz=pytz),
        run_query=_run_query,
    )
    # What a dispatched macro calls may be dispatched itself.
    environment.globals["adapter"] = SimpleNamespace(
        create_schema=lambda relation: None,
        dispatch=lambda name: getattr(module, f"duckdb__{name}", None) or getattr(module, f"default__{name}"),
    )
    with patch("jinja2.runtime.Macro", _Returning):
        module: Any = environment.from_string(macros).module
    environment.globals.update({name: macro for name, macro in vars(module).items() if not name.startswith("_")})
    return environment


def render(text: str) -> str:
    """SQL of a text that calls macros."""
    with patch("jinja2.runtime.Macro", _Returning):
        template = _environment().from_string(text)
    return template.render()


def returned(macro: str, *arguments: Any, run_query: Callable[[str], Any] | None = None) -> Any:
    """What a macro returns that is no text.

    Args:
        macro: Its name.
        arguments: Its arguments.
        run_query: Runs what it asks of the engine.
    """
    with patch("jinja2.runtime.Macro", _Returning), patch.object(_ENGINE, "run_query", run_query):
        return _environment().globals[macro](*arguments)


@cache
def model(name: str) -> str:
    """SQL of a model."""
    (path,) = (PROJECT_ROOT / "models").rglob(f"{name}.sql")
    return render(path.read_text(encoding="utf-8"))

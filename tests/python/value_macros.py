"""The macros of macros/value as text of SQL, for tests and benchmarks that run them without dbt."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import jinja2

from profit.paths import PROJECT_ROOT

FOLDER: Path = PROJECT_ROOT / "macros" / "value"


class _Dbt:
    """What of dbt the macros call."""

    @staticmethod
    def datediff(first: str, second: str, part: str) -> str:
        return f"date_diff('{part}', {first}, {second})"


def render(call: str, engine: str = "duckdb", **variables: Any) -> str:
    """SQL of a call of macros.

    Args:
        call: Jinja text, such as `{{ margin_multiple('r', 'i') }}`.
        engine: duckdb or spark.
        variables: Further names that the call uses.
    """

    class Adapter:
        def dispatch(self, name: str) -> Any:
            return getattr(module, f"{engine}__{name}")

    names: dict[str, Any] = {"adapter": Adapter(), "return": lambda value: value, "dbt": _Dbt(), **variables}
    environment, macros = _macros()
    module: Any = macros.make_module(names)
    known = {name: macro for name, macro in vars(module).items() if not name.startswith("_")}
    return environment.from_string(call, globals={**known, **names}).render().strip()


@cache
def _macros() -> tuple[jinja2.Environment, jinja2.Template]:
    environment = jinja2.Environment(autoescape=False, extensions=["jinja2.ext.do"])  # noqa: S701
    texts = (path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.sql")))
    return environment, environment.from_string("".join(texts))

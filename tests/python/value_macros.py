"""The macros of macros/value as text of SQL, for tests and benchmarks that run them without dbt."""

from __future__ import annotations

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
    macros = "".join(path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.sql")))

    class Adapter:
        def dispatch(self, name: str) -> Any:
            module = environment.from_string(macros, globals=names).module
            return getattr(module, f"{engine}__{name}")

    names: dict[str, Any] = {"adapter": Adapter(), "return": lambda value: value, "dbt": _Dbt(), **variables}
    environment = jinja2.Environment(autoescape=False, extensions=["jinja2.ext.do"])  # noqa: S701
    return environment.from_string(macros + call, globals=names).render().strip()

"""dbt-duckdb plugin: makes the folder of the warehouse file before DuckDB opens it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dbt.adapters.duckdb.plugins import BasePlugin


class Plugin(BasePlugin):
    """Created once per dbt run, before the first connection."""

    def initialize(self, config: dict[str, Any]) -> None:
        """Create the folder that `path` of the profile lies in; DuckDB itself would fail on a missing one."""
        if self.creds is not None:
            Path(self.creds.path).parent.mkdir(parents=True, exist_ok=True)

"""dbt-duckdb plugin: the folder of the warehouse, and how much memory a build may take.

Neither stands in the profile: an environment variable there would have dbt parse the project anew whenever it changes.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
from dbt.adapters.duckdb.plugins import BasePlugin

from profit.landing.quoting import quote_text
from profit.machine import memory_limit


class Plugin(BasePlugin):
    """Created once per dbt run, before the first connection."""

    def initialize(self, config: dict[str, Any]) -> None:
        """Create the folder that `path` of the profile lies in; DuckDB itself would fail on a missing one."""
        if self.creds is not None:
            Path(self.creds.path).parent.mkdir(parents=True, exist_ok=True)

    def configure_connection(self, conn: duckdb.DuckDBPyConnection) -> None:
        """Leave memory to others; what does not fit is spilled into a folder beside the warehouse."""
        conn.execute(f"set memory_limit = {quote_text(memory_limit())}")

"""Where the project reads and writes: by option or environment, with defaults inside the project folder."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Paths:
    """The folders and files of one run; two runs with different paths do not touch each other.

    Attributes:
        landing: Folder of typed deliveries (`PROFIT_LANDING`).
        quarantine: Folder of rows that were refused, with the reason (`PROFIT_QUARANTINE`).
        warehouse: DuckDB file that dbt builds (`PROFIT_WAREHOUSE`).
    """

    landing: Path
    quarantine: Path
    warehouse: Path

    @classmethod
    def from_environment(cls) -> Paths:
        """Read the `PROFIT_*` variables; a relative path counts from the project folder, as it does for dbt."""

        def located(variable: str, default: str) -> Path:
            return (PROJECT_ROOT / os.environ.get(variable, default)).resolve()

        return cls(
            landing=located("PROFIT_LANDING", "landing"),
            quarantine=located("PROFIT_QUARANTINE", "quarantine"),
            warehouse=located("PROFIT_WAREHOUSE", "warehouse/build.duckdb"),
        )

    def as_environment(self) -> dict[str, str]:
        """The same paths as environment variables, for the processes that the project starts."""
        return {
            "PROFIT_LANDING": str(self.landing),
            "PROFIT_QUARANTINE": str(self.quarantine),
            "PROFIT_WAREHOUSE": str(self.warehouse),
        }

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
        quality: Folder of what the gates found and of the run log (`PROFIT_QUALITY`).
        warehouse: DuckDB file that dbt builds (`PROFIT_WAREHOUSE`).
        published: DuckDB file that BI reads (`PROFIT_PUBLISHED`).
    """

    landing: Path
    quarantine: Path
    quality: Path
    warehouse: Path
    published: Path

    @property
    def run_log(self) -> Path:
        """JSON lines, one per step of `profit run`."""
        return self.quality / "runs.jsonl"

    @classmethod
    def below(cls, folder: Path) -> Paths:
        """The default layout below a folder."""
        return cls(
            landing=folder / "landing",
            quarantine=folder / "quarantine",
            quality=folder / "quality",
            warehouse=folder / "warehouse" / "build.duckdb",
            published=folder / "published" / "profitability.duckdb",
        )

    @classmethod
    def from_environment(cls) -> Paths:
        """Read the `PROFIT_*` variables; a relative path counts from the project folder, as it does for dbt."""
        default = cls.below(PROJECT_ROOT)
        return cls(
            **{
                name: (PROJECT_ROOT / os.environ.get(f"PROFIT_{name.upper()}", getattr(default, name))).resolve()
                for name in ("landing", "quarantine", "quality", "warehouse", "published")
            }
        )

    def as_environment(self) -> dict[str, str]:
        """The same paths as environment variables, for the processes that the project starts."""
        return {
            "PROFIT_LANDING": str(self.landing),
            "PROFIT_QUARANTINE": str(self.quarantine),
            "PROFIT_QUALITY": str(self.quality),
            "PROFIT_WAREHOUSE": str(self.warehouse),
            "PROFIT_PUBLISHED": str(self.published),
        }

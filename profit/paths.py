"""Where the project reads and writes: by option or environment, with defaults inside the project folder."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from profit.errors import SettingError, explained, printable

PROJECT_ROOT = Path(__file__).resolve().parent.parent
# What stands for something else in SQL, or in patterns of files, on one of the engines.
_UNSAFE = re.compile(r"""['"`*?\[\]{}\\]""")


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
        """Read the `PROFIT_*` variables; a relative path counts from the project folder, as it does for dbt.

        Raises:
            SettingError: A variable is empty, or names a path that cannot stand in SQL.
        """
        default = cls.below(PROJECT_ROOT)
        return cls(
            **{
                name: _path(f"PROFIT_{name.upper()}", getattr(default, name))
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


def _path(variable: str, default: Path) -> Path:
    given = os.environ.get(variable)
    if given is None:
        path, named = default, f"the default of {variable}"
    elif not given.strip():
        raise SettingError(f"{variable} is set and empty; name a path, or unset it for the default {default}.")
    else:
        path, named = Path(given), variable
        if given.startswith("~"):
            try:
                path = path.expanduser()
            except RuntimeError as error:
                raise SettingError(f"{variable}: {printable(given)} names no home folder; write it out.") from error
    try:
        path = (PROJECT_ROOT / path).resolve()
    except (OSError, RuntimeError, ValueError) as error:
        raise SettingError(f"{named}: {printable(path)} cannot be followed: {explained(error)}.") from error
    if _UNSAFE.search(str(path)) or printable(path, len(str(path)) * 6) != str(path):
        raise SettingError(
            f"{named}: {printable(path)} has a character that stands for something else in SQL or in patterns of "
            f"files; choose a path without quotes, brackets, wildcards, backslashes and control characters."
        )
    return path

"""What an export has written."""

from __future__ import annotations

from dataclasses import dataclass, field

from profit.exporting.tables import Table


@dataclass
class Exported:
    """What was written of a table.

    Attributes:
        table: The table.
        rows: Its number of rows.
        files: Files, relative to the folder of the export.
        as_text: Numbers and days that a workbook cannot hold and that stand in it as texts.
    """

    table: Table
    rows: int
    files: list[str] = field(default_factory=list)
    as_text: int = 0

    def __str__(self) -> str:
        parts = f" in {len(self.files)} files" if len(self.files) > 1 else ""
        return f"{self.table}, {self.rows:,} rows{parts}"

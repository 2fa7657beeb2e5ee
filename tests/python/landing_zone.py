"""A landing zone and a folder to deliver from, for tests of landing."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb
import pytest

from profit.connectors.files import land_files
from profit.errors import LandingError
from profit.landing.receipts import Receipt
from profit.paths import Paths

DAY = dt.date(2024, 5, 6)


class Zone:
    """A landing zone and a folder to deliver from, both empty at first."""

    def __init__(self, folder: Path) -> None:
        self.paths = Paths.below(folder)
        self.folder = folder / "delivery"
        self.folder.mkdir()

    def write(self, name: str, content: str | bytes) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def write_parquet(self, name: str, select: str) -> Path:
        path = self.write(name, b"")
        duckdb.execute(f"copy ({select}) to '{path}' (format parquet)")
        return path

    def land(self, source_system: str = "shop", delivered_on: dt.date | None = DAY) -> list[Receipt]:
        receipts = land_files(self.paths, self.folder, source_system, delivered_on)
        for receipt in receipts:
            assert receipt.rows_landed + receipt.rows_quarantined == receipt.rows_read
        assert not (self.paths.landing / "_incoming").exists()
        return receipts

    def rows(self, columns: str, table: str = "*") -> list[tuple]:
        files = f"{self.paths.landing}/[a-z]*/{table}/*/*/*.parquet"
        return duckdb.execute(
            f"select {columns} from read_parquet('{files}', union_by_name = true) order by all"
        ).fetchall()

    def refused(self, columns: str = "line_number, column_name, reason") -> list[tuple]:
        files = f"{self.paths.quarantine}/**/*.parquet"
        return duckdb.execute(f"select {columns} from read_parquet('{files}') order by all").fetchall()

    def snapshot(self) -> dict[str, bytes]:
        return {
            str(path): path.read_bytes()
            for root in (self.paths.landing, self.paths.quarantine)
            for path in root.rglob("*")
            if path.is_file()
        }

    def fails(self, *texts: str, **options: object) -> str:
        """Landing fails with these texts in the message and leaves everything as it was."""
        before = self.snapshot()
        with pytest.raises(LandingError) as caught:
            self.land(**options)  # type: ignore[arg-type]
        assert self.snapshot() == before
        assert not (self.paths.landing / "_incoming").exists()
        for text in texts:
            assert text in str(caught.value)
        return str(caught.value)

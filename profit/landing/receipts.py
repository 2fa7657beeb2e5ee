"""Receipts: what became of each delivered table, kept beside the landing zone."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

from profit.contract import Feed
from profit.paths import Paths

_FOLDER = "_receipts"
_DIGITS_IN_NAME = 12


@dataclass(frozen=True)
class Receipt:
    """What became of one table of a delivery; rows read = landed + quarantined.

    Attributes:
        feed: `<department>.<table>`.
        source_system: System that delivered.
        delivered_on: Day of the delivery, ISO.
        origin: File or generator that the rows came from.
        checksum: SHA-256 by which a repeated delivery is known: of the file, or of the rows where they are generated.
        rows_read: Rows in the origin.
        rows_landed: Rows written to the landing zone.
        rows_quarantined: Rows refused, each kept with its reason.
        unknown_columns: Columns that the contract does not know; kept as text in the landed file, read by no model.
        refused_by_column: Rows refused by the first column at fault, most frequent first.
        is_repeat: Whether the same delivery had been landed before, so that nothing changed.
    """

    feed: str
    source_system: str
    delivered_on: str
    origin: str
    checksum: str
    rows_read: int
    rows_landed: int
    rows_quarantined: int
    unknown_columns: tuple[str, ...] = ()
    refused_by_column: dict[str, int] = field(default_factory=dict)
    is_repeat: bool = False

    def to_json(self) -> str:
        """The receipt as it is kept."""
        return json.dumps(asdict(self)) + "\n"


def partition(feed: Feed, source_system: str, delivered_on: str) -> Path:
    """Folder of a delivered table, relative to the landing zone and to the quarantine."""
    return Path(feed.department) / feed.table / f"source_system={source_system}" / f"delivered_on={delivered_on}"


def receipt_path(paths: Paths, folder: Path, file_name: str) -> Path:
    """Where the receipt of a landed file is kept."""
    return paths.landing / _FOLDER / folder / f"{file_name}.json"


def read_receipts(paths: Paths) -> Iterator[Receipt]:
    """Every receipt of the landing zone, feed by feed, oldest delivery first."""
    for path in sorted((paths.landing / _FOLDER).rglob("*.json")):
        yield _read(path)


def find_receipts(
    paths: Paths, feed: Feed, source_system: str, delivered_on: dt.date | None, checksum: str
) -> list[Receipt]:
    """Find the receipts of the same delivery, if it was landed before and its file is still there.

    Args:
        paths: Where the landing zone is.
        feed: Table of the contract.
        source_system: System that delivers.
        delivered_on: Day of the delivery; None matches any day, as for a file that does not name its day.
        checksum: SHA-256 of the delivery.
    """
    day = delivered_on.isoformat() if delivered_on else "*"
    kept = paths.landing / _FOLDER
    pattern = str(partition(feed, source_system, day) / f"*-{checksum[:_DIGITS_IN_NAME]}.json")
    return [
        _read(path)
        for path in sorted(kept.glob(pattern))
        if (paths.landing / path.relative_to(kept).with_suffix(".parquet")).exists()
    ]


def find_receipt(
    paths: Paths, feed: Feed, source_system: str, delivered_on: dt.date | None, checksum: str
) -> Receipt | None:
    """Find the first of `find_receipts`, whose arguments it has."""
    return next(iter(find_receipts(paths, feed, source_system, delivered_on, checksum)), None)


def landing_number(paths: Paths, delivered_on: str) -> int:
    """Number of the next landing of a day, over all feeds and systems: it orders what is landed within the day.

    Args:
        paths: Where the landing zone is.
        delivered_on: Day of the delivery, ISO 8601.
    """
    landed = paths.landing.glob(f"*/*/source_system=*/delivered_on={delivered_on}/*.parquet")
    return max((int(path.stem.partition("-")[0]) for path in landed), default=0) + 1


def file_name(folder: Path, number: int, checksum: str) -> str:
    """`<number>-<checksum>`: the number orders landings of one day, the checksum lets a repeat fall on itself."""
    digest = checksum[:_DIGITS_IN_NAME]
    earlier = next(folder.glob(f"*-{digest}.parquet"), None)
    return earlier.stem if earlier else f"{number:04d}-{digest}"


def file_checksum(path: Path) -> str:
    """SHA-256 of a file, hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _read(path: Path) -> Receipt:
    content = json.loads(path.read_text(encoding="utf-8"))
    return Receipt(**{**content, "unknown_columns": tuple(content["unknown_columns"])})

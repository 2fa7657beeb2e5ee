"""Receipts: what became of each delivered table, kept beside the landing zone."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

from profit.contract import Feed
from profit.errors import LandingError, explained, printable
from profit.landing.commits import uncommitted_receipts
from profit.paths import Paths

_FOLDER = "_receipts"
_DIGITS_IN_NAME = 12
# Of two versions of one day the one with the greater checksum counts: a row that a full extract no longer has is gone.
LAST_OF_ITS_DAY = "z"


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
        rows_otherwise: Landed rows that an earlier delivery of the same day holds with other values.
        is_repeat: Whether the same delivery had been landed before, so that nothing changed.
        delivery: Name of the delivery that it is part of, by which `profit land withdraw` takes it back; empty where it
            was landed before deliveries had names.
        emptied_by_column: Values by column that could not be typed and were left empty in rows that were landed, most
            frequent first; each is kept with its reason.
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
    delivery: str = ""
    rows_otherwise: int = 0
    emptied_by_column: dict[str, int] = field(default_factory=dict)

    def to_json(self) -> str:
        """The receipt as it is kept."""
        return json.dumps(asdict(self)) + "\n"


@dataclass(frozen=True)
class RefusedShare:
    """How much of what a system delivered of a feed on one day went to quarantine.

    Attributes:
        feed: `<department>.<table>`.
        source_system: System that delivered.
        delivered_on: Day of the delivery, ISO.
        deliveries: Names of the deliveries, as `profit land withdraw` takes them.
        origins: Files or generators that the rows came from.
        rows_read: Rows in them.
        rows_quarantined: Rows refused.
        refused_by_column: Rows refused by the first column at fault, most frequent first.
        emptied_by_column: Values left empty by column, most frequent first.
    """

    feed: str
    source_system: str
    delivered_on: str
    deliveries: tuple[str, ...]
    origins: tuple[str, ...]
    rows_read: int
    rows_quarantined: int
    refused_by_column: dict[str, int]
    emptied_by_column: dict[str, int]

    @property
    def share(self) -> float:
        """Rows refused as a fraction of the rows read, 0 where none were read."""
        return self.rows_quarantined / self.rows_read if self.rows_read else 0.0


def partition(feed: Feed, source_system: str, delivered_on: str) -> Path:
    """Folder of a delivered table, relative to the landing zone and to the quarantine."""
    return Path(feed.department) / feed.table / f"source_system={source_system}" / f"delivered_on={delivered_on}"


def receipt_path(paths: Paths, folder: Path, file_name: str) -> Path:
    """Where the receipt of a landed file is kept."""
    return paths.landing / _FOLDER / folder / f"{file_name}.json"


def read_receipts(paths: Paths) -> Iterator[Receipt]:
    """Every receipt of the landing zone, feed by feed, oldest delivery first, unfinished landings left out."""
    return (receipt for _, receipt in kept_receipts(paths))


def kept_receipts(paths: Paths) -> Iterator[tuple[Path, Receipt]]:
    """Every receipt with the landed file that it is for, relative to the landing zone."""
    uncommitted = uncommitted_receipts(paths.landing)
    kept = paths.landing / _FOLDER
    for path in sorted(kept.rglob("*.json")):
        if path not in uncommitted:
            yield path.relative_to(kept).with_suffix(".parquet"), _read(path)


def refused_shares(paths: Paths) -> list[RefusedShare]:
    """Say of every feed, system and day what share of the rows was refused, from the receipts.

    Args:
        paths: Where the landing zone is.

    Returns:
        One a feed, system and day, in this order; also those of which nothing was refused.
    """
    grouped: dict[tuple[str, str, str], list[Receipt]] = {}
    for receipt in read_receipts(paths):
        grouped.setdefault((receipt.feed, receipt.source_system, receipt.delivered_on), []).append(receipt)
    return [_refused_share(key, grouped[key]) for key in sorted(grouped)]


def _refused_share(key: tuple[str, str, str], receipts: list[Receipt]) -> RefusedShare:
    by_column: Counter[str] = Counter()
    emptied: Counter[str] = Counter()
    for receipt in receipts:
        by_column.update(receipt.refused_by_column)
        emptied.update(receipt.emptied_by_column)
    return RefusedShare(
        *key,
        deliveries=tuple(dict.fromkeys(receipt.delivery for receipt in receipts if receipt.delivery)),
        origins=tuple(dict.fromkeys(receipt.origin for receipt in receipts)),
        rows_read=sum(receipt.rows_read for receipt in receipts),
        rows_quarantined=sum(receipt.rows_quarantined for receipt in receipts),
        refused_by_column=dict(by_column.most_common()),
        emptied_by_column=dict(emptied.most_common()),
    )


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
    uncommitted = uncommitted_receipts(paths.landing)
    pattern = str(partition(feed, source_system, day) / f"*-{checksum[:_DIGITS_IN_NAME]}.json")
    return [
        _read(path)
        for path in sorted(kept.glob(pattern))
        if path not in uncommitted and (paths.landing / path.relative_to(kept).with_suffix(".parquet")).exists()
    ]


def find_receipt(
    paths: Paths, feed: Feed, source_system: str, delivered_on: dt.date | None, checksum: str
) -> Receipt | None:
    """Find the first of `find_receipts`, whose arguments it has."""
    return next(iter(find_receipts(paths, feed, source_system, delivered_on, checksum)), None)


def landed_file(paths: Paths, feed: Feed, receipt: Receipt) -> Path | None:
    """The file of a receipt, None where it is not landed.

    Args:
        paths: Where the landing zone is.
        feed: Table of the contract.
        receipt: What is said of the file.
    """
    folder = paths.landing / partition(feed, receipt.source_system, receipt.delivered_on)
    return next(iter(sorted(folder.glob(f"*-{receipt.checksum[:_DIGITS_IN_NAME]}.parquet"))), None)


def landing_number(paths: Paths, delivered_on: str) -> int:
    """Number of the next landing of a day, over all feeds and systems: it orders what is landed within the day.

    Args:
        paths: Where the landing zone is.
        delivered_on: Day of the delivery, ISO 8601.
    """
    landed = paths.landing.glob(f"*/*/source_system=*/delivered_on={delivered_on}/*.parquet")
    # Files of other tools may have any name.
    numbers = (path.stem.partition("-")[0] for path in landed)
    return max((int(number) for number in numbers if number.isascii() and number.isdigit()), default=0) + 1


def file_name(number: int, checksum: str) -> str:
    """`<number>-<checksum>`: the number orders the landings of one day, the checksum lets a repeat be known."""
    return f"{number:04d}-{checksum[:_DIGITS_IN_NAME]}"


def file_checksum(path: Path) -> str:
    """SHA-256 of a file, hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _read(path: Path) -> Receipt:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return Receipt(**{**content, "unknown_columns": tuple(content["unknown_columns"])})
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise LandingError(
            f"{printable(path)}: is no receipt of a landing ({explained(error)}). Remove it with the landed file that "
            f"it is for, and land the delivery again."
        ) from error

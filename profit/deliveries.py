"""The deliveries of a run, fixed when it starts: gate, build and manifest read this set and nothing else."""

from __future__ import annotations

import datetime as dt
import json
import os
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from profit.errors import BuildError, explained, printable
from profit.landing.commits import uncommitted_files
from profit.landing.private import write_private
from profit.landing.receipts import Receipt, file_checksum, kept_receipts
from profit.paths import Paths

_PLACE = re.compile(r"[^/]+/[^/]+/source_system=[^/]+/delivered_on=(\d{4}-\d{2}-\d{2})/[^/]+\.parquet")
_NAMED = 5
_READERS = 4


@dataclass(frozen=True)
class FixedFile:
    """A file of the landing zone, as it was when the run started.

    Attributes:
        path: The file.
        place: The same, relative to the landing zone.
        state: Size, time of the last change and number of the file: any change of it shows in one of them.
        checksum: SHA-256 of its content; empty where a model does not read it.
        receipt: What its landing noted; None where another tool has put it there.
    """

    path: Path
    place: str
    state: tuple[int, int, int]
    checksum: str
    receipt: Receipt | None

    @property
    def feed(self) -> str:
        """`<department>.<table>`, as its folders say."""
        return ".".join(self.place.split("/")[:2])

    @property
    def is_read(self) -> bool:
        """Whether the models read it: it lies where files of a feed lie."""
        return bool(self.checksum)


@dataclass(frozen=True)
class Deliveries:
    """What a run reads.

    Attributes:
        landing: The landing zone.
        files: Every file in it, in order.
        lost: Files that have a receipt and are not there, relative to the landing zone, with their receipts.
    """

    landing: Path
    files: tuple[FixedFile, ...]
    lost: tuple[tuple[str, Receipt], ...]

    def write(self, target: Path) -> Path:
        """Write the set down for the engine: a line a file that the models read, and a line a file that is lost.

        Args:
            target: File to write; only its owner can read it.
        """
        lines = [_line(file.place, file.receipt, is_there=True) for file in self.files if file.is_read]
        lines += [_line(place, receipt, is_there=False) for place, receipt in self.lost]
        partial = Path(f"{target}.partial")
        write_private(partial, "".join(f"{json.dumps(line)}\n" for line in lines))
        os.replace(partial, target)
        return target

    def changes(self) -> list[str]:
        """Say what has become of files that are not as they were, each as a clause; empty where all are."""
        return [said for file in self.files if file.is_read and (said := _change(file))]

    def check(self, when: str) -> None:
        """Check that every file is as it was.

        Args:
            when: When it was looked at, for the message.

        Raises:
            BuildError: One has gone or has changed.
        """
        changes = self.changes()
        if changes:
            more = f" and {len(changes) - _NAMED:,} more" if len(changes) > _NAMED else ""
            raise BuildError(
                f"The deliveries that this run had started with are not what was there {when}: "
                f"{'; '.join(changes[:_NAMED])}{more}. Put back what was taken away, or take the delivery back by "
                f"`profit land withdraw`, and run again. What is published stays."
            )


def landed_files(landing: Path) -> list[Path]:
    """Every file of the landing zone that is there for readers, in order.

    Args:
        landing: The landing zone; what starts with `_` or `.` at its top belongs to the project itself.
    """
    uncommitted = uncommitted_files(landing)
    found = []
    for folder, folders, names in os.walk(landing, onerror=_raise):
        here = Path(folder)
        if here == landing:
            folders[:] = [name for name in folders if not name.startswith("_")]
        for name in names:
            path = here / name
            # A copy that was cut off leaves a .partial file, which nobody reads and the next run replaces. A landing
            # that was killed half-way is taken back by the next one.
            if name.startswith((".", "_")) or path.suffix == ".partial" or path in uncommitted or not path.is_file():
                continue
            found.append(path)
    return sorted(found)


def _raise(error: OSError) -> None:
    # A folder that is not there holds nothing; one that cannot be read must not pass for one.
    if not isinstance(error, FileNotFoundError):
        raise error


def fix_deliveries(paths: Paths) -> Deliveries:
    """Look at what is delivered, once for the whole run.

    Args:
        paths: Where the landing zone is.

    Raises:
        LandingError: A receipt, or the record of an unfinished landing, cannot be read.
        OSError: A file cannot be read.
    """
    receipts = {str(place): receipt for place, receipt in kept_receipts(paths)}
    files = landed_files(paths.landing)
    places = [path.relative_to(paths.landing).as_posix() for path in files]
    with ThreadPoolExecutor(_READERS) as pool:
        checksums = list(pool.map(_checksum, files, places))
    fixed = tuple(
        FixedFile(path, place, _state(path), checksum, receipts.get(place))
        for path, place, checksum in zip(files, places, checksums, strict=True)
    )
    there = set(places)
    lost = tuple((place, receipt) for place, receipt in receipts.items() if place not in there)
    return Deliveries(paths.landing, fixed, lost)


def _checksum(path: Path, place: str) -> str:
    return file_checksum(path) if _is_read(place) else ""


def _is_read(place: str) -> bool:
    found = _PLACE.fullmatch(place)
    try:
        return bool(found and dt.date.fromisoformat(found[1]))
    except ValueError:
        return False


def _state(path: Path) -> tuple[int, int, int]:
    state = path.stat()
    return state.st_size, state.st_mtime_ns, state.st_ino


def _change(file: FixedFile) -> str:
    """What has become of a file; empty where its content is as it was."""
    try:
        if _state(file.path) == file.state or file_checksum(file.path) == file.checksum:
            return ""
    except FileNotFoundError:
        return f"{printable(file.place)} is not there any more"
    except OSError as error:
        return f"{printable(file.place)} cannot be read any more ({explained(error)})"
    return f"{printable(file.place)} has other content"


def _line(place: str, receipt: Receipt | None, *, is_there: bool) -> dict[str, object]:
    return {
        "landed_file": place,
        "is_there": is_there,
        "has_receipt": receipt is not None,
        "feed": receipt.feed if receipt else None,
        "source_system": receipt.source_system if receipt else None,
        "delivered_on": receipt.delivered_on if receipt else None,
        "checksum": receipt.checksum if receipt else None,
        "rows_read": receipt.rows_read if receipt else None,
        "rows_landed": receipt.rows_landed if receipt else None,
        "rows_quarantined": receipt.rows_quarantined if receipt else None,
    }

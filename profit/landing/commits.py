"""All or nothing: what a landing or a withdrawal changes is seen as a whole, or not at all, even where it was killed.

A change is written down before its first file moves, as `_pending/<id>.json` in the landing zone. Whoever reads leaves
out the files that are named there. A landing ends by moving its record to `_deliveries/`: by that one step all of its
files are there. Records that a killed command left are settled by the next one: a landing is taken back, a withdrawal
completed.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from profit.errors import LandingError, printable
from profit.landing.private import copy_private, make_folder, make_private, to_disk, write_private
from profit.paths import Paths

INCOMING = "_incoming"
PENDING = "_pending"
DELIVERIES = "_deliveries"
WITHDRAWN = "_withdrawn"
WITHDRAWALS = "_withdrawals.jsonl"

LANDING = "landing"
WITHDRAWAL = "withdrawal"


@dataclass(frozen=True)
class Change:
    """What a landing or a withdrawal does to the files of the landing zone and of the quarantine.

    Attributes:
        delivery: Name of the delivery that is landed, or of the withdrawal.
        kind: landing or withdrawal.
        files: Landed files that are not there while the change is pending, relative to the landing zone.
        receipts: Their receipts, relative to the landing zone.
        quarantined: Files of refused rows, relative to the quarantine.
        quarantine: The quarantine, relative to the landing zone.
        note: What the log says of a withdrawal.
    """

    delivery: str
    kind: str
    files: tuple[str, ...]
    receipts: tuple[str, ...]
    quarantined: tuple[str, ...]
    quarantine: str
    note: dict[str, object]


def unsettled(landing: Path) -> bool:
    """Whether a command that was killed left a change half-way."""
    return any(_records(landing))


def uncommitted_files(landing: Path) -> frozenset[Path]:
    """Landed files that are not there for whoever reads, as the change that brings or takes them is not done.

    Args:
        landing: The landing zone.

    Raises:
        LandingError: A record cannot be read.
    """
    return frozenset(landing / name for path in _records(landing) for name in _read(path).files)


def uncommitted_receipts(landing: Path) -> frozenset[Path]:
    """Receipts of `uncommitted_files`."""
    return frozenset(landing / name for path in _records(landing) for name in _read(path).receipts)


def begin(paths: Paths, change: Change, workspace: Path) -> Path:
    """Write a change down, so that readers leave its files out from here on.

    Args:
        paths: Where the landing zone is.
        change: What is going to change.
        workspace: Folder on the landing zone's file system for the record before it is whole.

    Returns:
        The record.
    """
    written = workspace / "change.json"
    write_private(written, json.dumps(asdict(change)) + "\n")
    to_disk([written])
    record = paths.landing / PENDING / f"{change.delivery}.json"
    make_folder(record.parent)
    os.replace(written, record)
    to_disk([record.parent])
    return record


def finish(paths: Paths, record: Path) -> None:
    """End a landing: its files are there for everybody from this step on."""
    target = paths.landing / DELIVERIES / record.name
    make_folder(target.parent)
    os.replace(record, target)
    # It is there now; whatever goes wrong from here on does not take it back.
    with suppress(OSError):
        to_disk([target.parent])
        record.parent.rmdir()


def settle(paths: Paths) -> None:
    """Bring to an end what killed commands left; the caller has the landing zone for itself.

    Raises:
        LandingError: A record cannot be read.
    """
    for record in list(_records(paths.landing)):
        change = _read(record)
        if change.kind == LANDING:
            take_back(paths, record, change)
        else:
            complete_withdrawal(paths, record, change)
    for zone in (paths.landing, paths.quarantine):
        shutil.rmtree(zone / INCOMING, ignore_errors=True)
    with suppress(OSError):
        (paths.landing / PENDING).rmdir()


def take_back(paths: Paths, record: Path, change: Change) -> None:
    """Remove what an unfinished landing has moved into place, and its record last."""
    quarantine = _quarantine(paths, change)
    listed = [
        *(paths.landing / name for name in (*change.receipts, *change.files)),
        *(quarantine / name for name in change.quarantined),
    ]
    for path in listed:
        path.unlink(missing_ok=True)
    for path in listed:
        for root in (paths.landing, quarantine):
            _remove_empty_folders(path.parent, root)
    record.unlink()
    with suppress(OSError):
        record.parent.rmdir()


def complete_withdrawal(paths: Paths, record: Path, change: Change) -> None:
    """Move aside what is withdrawn and is not aside yet, note it in the log, and remove the record last."""
    aside = paths.landing / WITHDRAWN / change.delivery
    quarantine = _quarantine(paths, change)
    for name in (*change.receipts, *change.files):
        _move_aside(paths.landing / name, aside / name, paths.landing)
    for name in change.quarantined:
        _move_aside(quarantine / name, aside / "_quarantine" / name, quarantine)
    log = paths.landing / WITHDRAWALS
    line = json.dumps(change.note, ensure_ascii=False) + "\n"
    written = log.read_text(encoding="utf-8") if log.exists() else ""
    if line not in written:
        # A line that a full disk cut off does not swallow the next one.
        separator = "\n" if written and not written.endswith("\n") else ""
        log.touch()
        make_private(log)
        with log.open("a", encoding="utf-8") as stream:
            stream.write(separator + line)
        to_disk([log])
    record.unlink()
    with suppress(OSError):
        record.parent.rmdir()


def _quarantine(paths: Paths, change: Change) -> Path:
    """The quarantine at the time of the change, which the settings of today need not name."""
    return Path(os.path.normpath(paths.landing / change.quarantine))


def _records(landing: Path) -> Iterator[Path]:
    return iter(sorted((landing / PENDING).glob("*.json")))


def _read(record: Path) -> Change:
    try:
        content = json.loads(record.read_text(encoding="utf-8"))
        change = Change(
            delivery=str(content["delivery"]),
            kind=str(content["kind"]),
            files=tuple(content["files"]),
            receipts=tuple(content["receipts"]),
            quarantined=tuple(content["quarantined"]),
            quarantine=str(content["quarantine"]),
            note=dict(content["note"]),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise LandingError(
            f"{printable(record)}: the record of an unfinished landing cannot be read ({printable(error)}). Look at "
            f"the newest files of the landing zone, then remove the record. Nothing was changed."
        ) from error
    names = (*change.files, *change.receipts, *change.quarantined, change.delivery)
    if any(Path(name).is_absolute() or ".." in Path(name).parts for name in names):
        raise LandingError(f"{printable(record)}: names files outside of the landing zone. Nothing was changed.")
    return change


def _move_aside(origin: Path, target: Path, root: Path) -> None:
    if origin.exists():
        make_folder(target.parent)
        if origin.stat().st_dev != target.parent.stat().st_dev:
            copied = copy_private(origin, target.with_suffix(".partial"))
            os.replace(copied, target)
            origin.unlink()
        else:
            make_private(origin)
            os.replace(origin, target)
    _remove_empty_folders(origin.parent, root)


def _remove_empty_folders(folder: Path, root: Path) -> None:
    """Remove a folder and those above it that have become empty, below the root."""
    while root in folder.parents:
        try:
            folder.rmdir()
        except OSError:
            return
        folder = folder.parent

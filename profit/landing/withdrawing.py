"""Takes a delivery back: its files are kept aside, where no reader looks, and a log says who did it, when and why."""

from __future__ import annotations

import datetime as dt
import difflib
import getpass
import os
import socket
import uuid
from contextlib import suppress
from pathlib import Path

from profit.errors import LandingError, expected, printable
from profit.landing.commits import (
    DELIVERIES,
    INCOMING,
    WITHDRAWAL,
    WITHDRAWN,
    Change,
    begin,
    complete_withdrawal,
    settle,
)
from profit.landing.locking import changing_landing
from profit.landing.private import make_folder
from profit.landing.receipts import Receipt, file_checksum, kept_receipts, receipt_path
from profit.paths import Paths

_NOTHING = "Nothing was withdrawn."
# <department>/<table>/source_system=…/delivered_on=…/<file>
_PARTS = 5


def withdraw(paths: Paths, name: str, reason: str) -> tuple[list[Receipt], Path]:
    """Take back a delivery, or one of its files.

    From its first step on nobody reads the files any more; where it is killed, the next command completes it. The same
    delivery may be landed again afterwards.

    Args:
        paths: Where the landing zone and the quarantine are.
        name: Delivery as `profit land` named it, `delivery_id` of its rows, or a landed file, relative to the landing
            zone.
        reason: Why, for the log.

    Returns:
        The receipts of what was withdrawn, and the folder in which it is kept.

    Raises:
        LandingError: There is no such delivery, or no reason.
        RunningError: A landing, or a run that reads, is at work.
    """
    if not reason.strip():
        raise LandingError(f"Say why, by --reason; the log keeps it. {_NOTHING}")
    with expected(LandingError, _NOTHING), changing_landing(paths):
        settle(paths)
        found = _find(paths, name)
        stamp = dt.datetime.now(dt.UTC)
        change = _planned(paths, found, f"{stamp:%Y%m%dT%H%M%SZ}-{uuid.uuid4().hex[:6]}")
        change.note.update(
            withdrawn_at=stamp.isoformat(timespec="seconds"),
            by=_who(),
            reason=reason.strip(),
            delivery=name,
            kept_in=f"{WITHDRAWN}/{change.delivery}",
            tables=[
                {
                    "feed": receipt.feed,
                    "source_system": receipt.source_system,
                    "delivered_on": receipt.delivered_on,
                    "checksum": receipt.checksum,
                    "rows_landed": receipt.rows_landed,
                    "rows_quarantined": receipt.rows_quarantined,
                    "origin": receipt.origin,
                }
                for _, receipt in found
            ],
        )
        workspace = paths.landing / INCOMING / uuid.uuid4().hex
        make_folder(workspace)
        record = begin(paths, change, workspace)
        complete_withdrawal(paths, record, change)
        with suppress(OSError):
            workspace.rmdir()
            workspace.parent.rmdir()
        return [receipt for _, receipt in found], paths.landing / WITHDRAWN / change.delivery


def _find(paths: Paths, name: str) -> list[tuple[Path, Receipt]]:
    kept = list(kept_receipts(paths))
    found = [(file, receipt) for file, receipt in kept if name in {receipt.delivery, file.stem, str(file)}]
    if found or (found := _without_receipt(paths, name)):
        return found
    names = {receipt.delivery for _, receipt in kept if receipt.delivery} | {file.stem for file, _ in kept}
    alike = difflib.get_close_matches(name, names, n=1)
    hint = f" Did you mean {alike[0]}?" if alike else ""
    raise LandingError(
        f"{paths.landing} holds no delivery '{printable(name, 100)}'.{hint} Receipts under _receipts/ name every "
        f"delivery, and the column delivery_id of landing_<department> that of a row. {_NOTHING}"
    )


def _without_receipt(paths: Paths, name: str) -> list[tuple[Path, Receipt]]:
    """A file that lies among the deliveries, though no landing brought it."""
    file = Path(name)
    is_inside = len(file.parts) == _PARTS and not file.is_absolute() and not set(file.parts) & {"..", "."}
    if not is_inside or file.parts[0].startswith(("_", ".")) or not (paths.landing / file).is_file():
        return []
    department, table, system, day, _ = file.parts
    receipt = Receipt(
        feed=f"{department}.{table}",
        source_system=system.partition("=")[2],
        delivered_on=day.partition("=")[2],
        origin="no landing",
        checksum=file_checksum(paths.landing / file),
        rows_read=0,
        rows_landed=0,
        rows_quarantined=0,
    )
    return [(file, receipt)]


def _planned(paths: Paths, found: list[tuple[Path, Receipt]], name: str) -> Change:
    receipts = [str(receipt_path(paths, file.parent, file.stem).relative_to(paths.landing)) for file, _ in found]
    # The record of a delivery goes with the last of its files.
    withdrawn = {file for file, _ in found}
    others = {receipt.delivery for file, receipt in kept_receipts(paths) if file not in withdrawn}
    for delivery in sorted({receipt.delivery for _, receipt in found} - others - {""}):
        receipts.append(f"{DELIVERIES}/{delivery}.json")
    return Change(
        delivery=name,
        kind=WITHDRAWAL,
        files=tuple(str(file) for file, _ in found),
        receipts=tuple(receipts),
        quarantined=tuple(str(file) for file, _ in found if (paths.quarantine / file).exists()),
        quarantine=os.path.relpath(paths.quarantine, paths.landing),
        note={},
    )


def _who() -> str:
    try:
        user = getpass.getuser()
    except (KeyError, OSError, ImportError):
        user = "unknown"
    return f"{user}@{socket.gethostname()}"

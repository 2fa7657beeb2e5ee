"""`profit land demo`: the generated company, landed once for each set of parameters."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import shutil
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from profit.connectors.demo.company import generate_and_land
from profit.connectors.demo.deliveries import ORIGIN
from profit.connectors.demo.scale import LEAST_ARTICLES, Scale
from profit.connectors.demo.truth import TABLES, truth_folder
from profit.contract import read_contract
from profit.errors import LandingError
from profit.landing.receipts import Receipt, find_receipt, read_receipts
from profit.paths import Paths

MARKER = "_demo.json"


def land_demo(
    paths: Paths, customers: int = 3000, months: int = 24, seed: int = 7, articles: int = LEAST_ARTICLES
) -> list[Receipt]:
    """Generate the demo company and land it.

    The same parameters give the same files, byte for byte. A landing zone holds one demo company: the same again
    changes nothing, and a landing that was interrupted is completed.

    Args:
        paths: Where the landing zone and the quarantine are; the truth is written beside the landing zone, in a
            folder of its name with `_truth` added.
        customers: True customers, at least 20.
        months: Whole months up to December 2025, 1 to 120.
        seed: Seed of every random number, 0 or more.
        articles: Articles of the catalogue, at least 125.

    Returns:
        One receipt a table, source system and day of delivery; marked as repeats where nothing was left to do.

    Raises:
        LandingError: A parameter is out of range, or the landing zone holds a demo company made with other parameters
            or by another version of the generator.
    """
    scale = Scale(customers, months, seed, articles)
    wanted = {**asdict(scale), "generator": fingerprint()}
    found = _read_marker(paths)
    if found:
        _refuse_other(paths, wanted, found)
        if receipts := _complete_receipts(paths, found):
            return receipts
        # What a killed run was writing; it is written again.
        shutil.rmtree(paths.landing / "_incoming", ignore_errors=True)
    _write_marker(paths, {**wanted, "deliveries": None})
    receipts = generate_and_land(paths, scale)
    _write_marker(paths, {**wanted, "deliveries": len(receipts)})
    return receipts


def fingerprint() -> str:
    """Version of the generator: a checksum of its source files."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.iterdir()):
        if path.suffix in {".py", ".sql"}:
            digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


def _read_marker(paths: Paths) -> dict[str, Any] | None:
    marker = paths.landing / MARKER
    try:
        found: dict[str, Any] = json.loads(marker.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise LandingError(f"{marker} is not readable ({error}); delete {paths.landing} and land again.") from error
    return found


def _write_marker(paths: Paths, content: dict[str, Any]) -> None:
    paths.landing.mkdir(parents=True, exist_ok=True)
    unfinished = paths.landing / f"{MARKER}.partial"
    unfinished.write_text(json.dumps(content, indent=1), encoding="utf-8")
    unfinished.replace(paths.landing / MARKER)


def _refuse_other(paths: Paths, wanted: dict[str, Any], found: dict[str, Any]) -> None:
    if all(found.get(name) == value for name, value in wanted.items()):
        return

    def described(parameters: dict[str, Any]) -> str:
        return ", ".join(f"{name} {parameters.get(name)}" for name in wanted)

    raise LandingError(
        f"{paths.landing} already holds a demo company with {described(found)}; asked for was one with "
        f"{described(wanted)}. Choose another folder by PROFIT_LANDING, or delete {paths.landing}, {paths.quarantine} "
        f"and {truth_folder(paths)} and land again."
    )


def _complete_receipts(paths: Paths, found: dict[str, Any]) -> list[Receipt] | None:
    """The receipts of the demo company, as repeats, if all of it is there; None if anything is missing."""
    if not all((truth_folder(paths) / f"{table}.parquet").exists() for table in TABLES):
        return None
    feeds = {feed.name: feed for feed in read_contract().values()}
    receipts = [receipt for receipt in read_receipts(paths) if receipt.origin.startswith(ORIGIN)]
    if len(receipts) != found["deliveries"]:
        return None
    for receipt in receipts:
        day = dt.date.fromisoformat(receipt.delivered_on)
        if not find_receipt(paths, feeds[receipt.feed], receipt.source_system, day, receipt.checksum):
            return None
    return [replace(receipt, is_repeat=True) for receipt in receipts]

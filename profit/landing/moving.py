"""Where the files of a delivery go, and how they get there."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from profit.landing.commits import INCOMING, LANDING, Change
from profit.landing.prepared import Prepared
from profit.landing.private import copy_private, make_folder, make_zone, write_private
from profit.landing.receipts import file_name, landing_number, partition, receipt_path
from profit.paths import Paths


def planned(
    paths: Paths, workspace: Path, tables: Sequence[Prepared], delivery: str
) -> tuple[list[tuple[Path, Path]], Change]:
    """What is moved where, receipts last, and the record of it.

    Args:
        paths: Where the landing zone and the quarantine are.
        workspace: Folder in which the tables were prepared.
        tables: What is landed.
        delivery: Name of the delivery.
    """
    landing, quarantine = paths.landing, paths.quarantine
    days = {prepared.receipt.delivered_on for prepared in tables}
    numbers = {day: landing_number(paths, day) for day in days}
    refused: list[tuple[Path, Path]] = []
    landed: list[tuple[Path, Path]] = []
    receipts: list[tuple[Path, Path]] = []
    for number, prepared in enumerate(tables):
        receipt = replace(prepared.receipt, delivery=delivery)
        folder = partition(prepared.feed, receipt.source_system, receipt.delivered_on)
        name = file_name(numbers[receipt.delivered_on], receipt.checksum)
        if prepared.quarantined:
            origin = _beside_quarantine(paths, workspace, prepared.quarantined)
            refused.append((origin, quarantine / folder / f"{name}.parquet"))
        landed.append((prepared.landed, landing / folder / f"{name}.parquet"))
        written = workspace / f"{number}.json"
        write_private(written, receipt.to_json())
        receipts.append((written, receipt_path(paths, folder, name)))
    change = Change(
        delivery=delivery,
        kind=LANDING,
        files=tuple(str(target.relative_to(landing)) for _, target in landed),
        receipts=tuple(str(target.relative_to(landing)) for _, target in receipts),
        quarantined=tuple(str(target.relative_to(quarantine)) for _, target in refused),
        quarantine=os.path.relpath(quarantine, landing),
        note={},
    )
    return [*refused, *landed, *receipts], change


def _beside_quarantine(paths: Paths, workspace: Path, path: Path) -> Path:
    """Bring a file onto the file system of the quarantine, so that it can be moved into place in one step."""
    folder = paths.quarantine / INCOMING / workspace.name
    make_zone(paths.quarantine)
    if path.stat().st_dev == paths.quarantine.stat().st_dev:
        return path
    make_folder(folder)
    return copy_private(path, folder / f"{path.name}.partial")


def move(origin: Path, target: Path) -> None:
    """Move a file into place on the same file system, in one step."""
    make_folder(target.parent)
    os.replace(origin, target)

"""Remembers which build passed the gate out, so that no other can be published."""

from __future__ import annotations

import json
import os
from pathlib import Path

from profit.gates.report import GateReport
from profit.paths import Paths


def note_pass(paths: Paths, report: GateReport) -> None:
    """Note whether the warehouse, as it is now, passed.

    Args:
        paths: Where the warehouse is, and where the note goes.
        report: What the gate found in it.
    """
    note = _note(paths)
    if not report.is_passed:
        note.unlink(missing_ok=True)
        return
    content = {"warehouse": fingerprint(paths.warehouse), "results": report.results_file.name}
    partial = note.with_suffix(".partial")
    partial.write_text(json.dumps(content), encoding="utf-8")
    os.replace(partial, note)


def read_pass(paths: Paths) -> str | None:
    """Name of the results file of the check that this very build passed.

    Args:
        paths: Where the warehouse and the note are.

    Returns:
        The name, which starts with the UTC time of the check; None where the build was not checked or did not pass.
    """
    note = _note(paths)
    if not note.exists() or not paths.warehouse.exists():
        return None
    try:
        content = json.loads(note.read_text(encoding="utf-8"))
        return str(content["results"]) if content["warehouse"] == fingerprint(paths.warehouse) else None
    except (ValueError, KeyError, TypeError):
        # A note that nobody can read says nothing: the gate looks again.
        return None


def _note(paths: Paths) -> Path:
    return paths.quality / "gate" / "marts" / "passed.json"


def fingerprint(warehouse: Path) -> list[int]:
    """Size and time of the warehouse's files: any write changes one of them, reading neither.

    Args:
        warehouse: DuckDB file, or Spark's folder of tables.
    """
    # What was written last may lie beside the file, until it is opened for writing again.
    files = [file for file in (warehouse, Path(f"{warehouse}.wal")) if file.exists()]
    if warehouse.is_dir():
        files = [
            file
            for schema in ("reference", "core", "marts")
            for file in (warehouse / f"{schema}.db").rglob("*.parquet")
        ]
    states = [file.stat() for file in files]
    return [
        len(states),
        sum(state.st_size for state in states),
        max((state.st_mtime_ns for state in states), default=0),
    ]

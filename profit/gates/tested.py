"""What dbt has tested while it built this very warehouse, so that the gate need not look again."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from profit.gates.passing import fingerprint
from profit.paths import Paths


@dataclass(frozen=True)
class PassedTest:
    """A test of dbt that passed.

    Attributes:
        table: Model that it is attached to.
        kind: unique, not_null, unique_combination, keeps_its_rules, …
        columns: Columns that it is about; none for a test of the whole table.
        unique_id: Its name in dbt.
    """

    table: str
    kind: str
    columns: tuple[str, ...]
    unique_id: str


def passed_tests(results: Iterable[Any]) -> list[PassedTest]:
    """Generic tests that passed, of dbt's results.

    Args:
        results: Results of nodes, as dbt's runner returns them.
    """
    passed = []
    for result in results:
        node = result.node
        metadata = getattr(node, "test_metadata", None)
        if metadata is None or str(result.status) != "pass" or not node.attached_node:
            continue
        # A test with a `where`, or one that tolerates failures, says less than its kind does.
        if node.config.where or node.config.error_if != "!= 0":
            continue
        columns = metadata.kwargs.get("columns") or ([node.column_name] if node.column_name else [])
        table = node.attached_node.rpartition(".")[2]
        passed.append(PassedTest(table, metadata.name, tuple(columns), node.unique_id))
        if metadata.name == "keeps_its_rules" and metadata.kwargs.get("key"):
            passed.append(PassedTest(table, "unique_combination", tuple(metadata.kwargs["key"]), node.unique_id))
    return passed


def note_tests(paths: Paths, tests: Iterable[PassedTest]) -> None:
    """Note which tests the warehouse, as it is now, has passed.

    Args:
        paths: Where the warehouse is, and where the note goes.
        tests: The tests of the build that has just ended.
    """
    note = _note(paths)
    note.parent.mkdir(parents=True, exist_ok=True)
    content = {"warehouse": fingerprint(paths.warehouse), "tests": [asdict(test) for test in tests]}
    partial = note.with_suffix(".partial")
    partial.write_text(json.dumps(content), encoding="utf-8")
    os.replace(partial, note)


def read_tests(paths: Paths) -> list[PassedTest]:
    """Tests that the warehouse, as it is now, has passed; none where it was written to since, or built otherwise.

    Args:
        paths: Where the warehouse and the note are.
    """
    note = _note(paths)
    if not note.exists() or not paths.warehouse.exists():
        return []
    try:
        content = json.loads(note.read_text(encoding="utf-8"))
        if content["warehouse"] != fingerprint(paths.warehouse):
            return []
        return [PassedTest(**{**test, "columns": tuple(test["columns"])}) for test in content["tests"]]
    except (ValueError, KeyError, TypeError):
        # A note that nobody can read proves nothing: the gate looks itself.
        return []


def _note(paths: Paths) -> Path:
    return paths.quality / "gate" / "marts" / "tested.json"
